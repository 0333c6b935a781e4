"""Keys in a committed file, for months and in 169 commits: said, replaced, purged everywhere, kept out."""

from __future__ import annotations

from collections.abc import Sequence

from andon.drill import leak_deeds as deeds
from andon.drill.chapters import WORD_GETS_OUT, own_it
from andon.drill.leaky import FILE, FILE_COMMITS, PAGE, PAGE_COMMITS, SERVER, git
from andon.drill.releases import Edit
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Argv, Decision, Option, Scenario, Stage, Step

_TEST = Edit(
    file="tests/test_settings_stay_out.py",
    old="",
    new='''"""Files with settings of an environment stay out of the repository."""

import subprocess
import unittest


class SettingsStayOut(unittest.TestCase):
    """Git ignores them, so that nobody adds one in passing."""

    def test_git_ignores_them(self) -> None:
        """One for each name that is in use somewhere."""
        for name in (".env", ".env.master", ".env.test"):
            asked = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", name])
            self.assertEqual(asked.returncode, 0, name)
''',
)
_CURE = Edit(
    file=".gitignore", old="__pycache__/\n", new="__pycache__/\n.env\n.env.*\n*.env\n!.env.example\n"
)


# ---- what is asked of Andon


def _sign_each(stage: Stage) -> Sequence[Argv]:
    leak = stage.session.ask("leak").get("leak")
    marks = leak["unrevoked"] if isinstance(leak, dict) else []
    return [
        ("leak", "rotate", mark, "--reason", "a new one is in use, this one answers 401") for mark in marks
    ]


_START = Step(
    chapter="Pull the cord",
    say="The whole file leaked, so every value it ever had is worthless from now on. Andon keeps the values "
    "in one private file of this machine; everything else knows them by a mark.",
    command=("leak", "start", "--path", FILE),
    proves=("impact-confirmed", "severity-declared"),
    shows=("P0", "aws-access-key", "openai-key"),
)

_SAY_IT = Decision(
    name="say it",
    question=f"{FILE} has been in the repository for months, with live keys, and was pushed. What now?",
    options=(
        Option(
            label="say it: a secret that was pushed is spent",
            points=3,
            because="Whoever has read it keeps it; only a new key ends that, and only if somebody says so.",
            steps=(_START, WORD_GETS_OUT),
        ),
        Option(
            label="delete the file in a new commit, and tell nobody",
            points=0,
            because="A commit takes nothing out of the commits before it, or out of anybody's head.",
            steps=(
                Step(say="The file goes, and its past stays, for whoever clones.", act=deeds.in_the_past),
                Step(say="So many commits still hold it. You put the file back and think again."),
            ),
            again=True,
        ),
    ),
)

_LOCATE = (
    Step(
        chapter="Find out",
        say="Where is it? Every object is read, whether anything reaches it or not, in every encoding.",
        command=("leak", "locate"),
        shows=("HEAD as well",),
        proves=("evidence-captured", "leak-located"),
        lines=16,
    ),
    Step(
        say=f"git itself: the file was changed in {FILE_COMMITS} commits, the page in {PAGE_COMMITS}.",
        act=lambda stage: "\n".join(
            git(stage, "shop", "rev-list", "--count", "HEAD", "--", name) for name in (FILE, PAGE)
        ),
    ),
    Step(
        say="Since when, and who could read it? A window with its evidence, in place of a shrug.",
        command=("leak", "exposure"),
        proves=("broken-part-identified", "break-time-identified"),
        shows=("origin",),
    ),
)

_ROTATE = Step(
    say="Each key: a new one is made, put to use, the old one deleted. Nothing is marked as dead by itself; "
    "Mina answers for each.",
    command=_sign_each,
    proves=("leak-revoked", "failure-resolved"),
    brief=True,
)

_MITIGATED = Step(
    say="Whoever has a copy has nothing now: the harm has stopped. The deadline of the postmortem starts.",
    command=("mitigate",),
    proves=("postmortem-scheduled",),
)

_OVER = Decision(
    name="proof before mitigated",
    question="Three keys, each with its steps. When do you say that the harm has stopped?",
    options=(
        Option(
            label="when somebody answers for each key that it is dead",
            points=2,
            because="As long as one of them opens a door, whoever has read it can go in.",
            steps=(_ROTATE, _MITIGATED),
        ),
        Option(
            label="now: the file will soon be gone",
            points=0,
            because="A file that is gone opens no door less.",
            steps=(
                Step(say="Andon asks for proof.", command=("mitigate",), expect=1, shows=("rotate-first",)),
                _ROTATE,
                _MITIGATED,
            ),
        ),
    ),
)

_PURGE = Decision(
    name="take it out",
    question=f"The keys are dead. {FILE_COMMITS} commits still show them to every scanner. How do they go?",
    options=(
        Option(
            label="rewrite a fresh mirror, and look at the plan first",
            points=2,
            because="A mirror can be thrown away; a repository that people work in cannot.",
            steps=(
                Step(
                    say="First a backup: one private file with everything as it was, and a last day.",
                    command=("leak", "backup"),
                ),
                Step(command=("leak", "purge"), shows=("nothing was changed",), lines=14),
                Step(
                    say="HEAD is not spared: what is checked out is what everybody clones.",
                    command=("leak", "purge", "--yes"),
                    shows=(str(FILE_COMMITS),),
                    lines=14,
                ),
                Step(
                    say="Done is not proven: every byte of the mirror, and of a fresh clone of it.",
                    command=("leak", "verify"),
                    shows=("nothing survived",),
                ),
            ),
        ),
        Option(
            label=f"git rm {FILE}, commit, push",
            points=0,
            because="The newest commit is the only one that it changes.",
            steps=(Step(say="Nothing before it changes.", act=deeds.in_the_past),),
            again=True,
        ),
    ),
)

_PUSH = (
    Step(
        chapter="Everywhere else",
        say="The plan: what changes on the server, and the letters to everybody who has a copy.",
        command=("leak", "push"),
        shows=("nothing was pushed",),
    ),
    Step(
        say="Each reference is pushed only if it is still where it was when the mirror was made.",
        command=("leak", "push", "--yes"),
    ),
    Step(
        say="Mina's own clone.",
        command=("leak", "adopt", "--yes"),
        shows=("free of it",),
        proves=("leak-purged",),
        lines=10,
    ),
    Step(
        say="The server lets go of what nothing reaches any more; at a host, its support does that.",
        act=deeds.host_lets_go,
    ),
)

_FORK = Decision(
    name="the fork",
    question="The fork is not yours. It still serves the old history to anybody.",
    options=(
        Option(
            label="send its owner the letter, and look again",
            points=1,
            because="A copy that somebody else serves is as public as yours was.",
            steps=(
                Step(say="What the fork has:", act=deeds.fork_has_it),
                Step(say="Its owner does what the letter says.", act=deeds.fork_again),
                Step(act=deeds.fork_has_it),
            ),
        ),
        Option(
            label="leave it: it is theirs",
            points=0,
            because="The leak is yours, wherever it lies.",
            steps=(Step(say="So many commits there, for everybody who looks.", act=deeds.fork_has_it),),
            again=True,
        ),
    ),
)

_KEEP_OUT = (
    Step(
        chapter="Keep it out",
        say="The old commits and values go on a list, here and on the server; it names none of the values.",
        command=("leak", "ban", "--export", f"../{deeds.BANS}"),
    ),
    Step(command=("gate", "ban", f"../{deeds.BANS}"), place=SERVER),
    Step(
        act=deeds.remove,
    ),
    Step(
        say="Tom has heard of nothing. His clone has the old history and work of his own; he pushes by "
        "force, around his hooks.",
        act=deeds.stale_push,
    ),
    Step(
        say="The server has said no, and why. Tom reads the letter: a patch of his work, a new clone.",
        act=deeds.tom_again,
    ),
    Step(
        say="Mirror, clones and values go; the backup stays until its day.",
        command=("leak", "cleanup"),
    ),
)

_JUDGE = (
    Step(
        chapter="What it means",
        say="What the leak still means, now that the keys are dead and nothing of them is left.",
        command=("leak", "judge", "P4", "--reason", "every key is dead, and no copy is left that we know of"),
    ),
    Step(
        say="And the shop? It works as before. That the harm is over no smoke test can say, for none ever "
        "failed; the revoked keys say it.",
        command=("verify", "--watch", "3"),
        expect=3,
        proves=("no-new-failures",),
    ),
)

_REVIEW = Review(
    cause=f"{FILE} was committed with live keys: nothing ignored it, and no gate read what was committed",
    sections={
        "summary/user-impact": "None that is known: the providers saw no foreign use of a key.",
        "cause/why-not-caught": "Nobody reads a settings file in a review, and no hook did.",
        "lessons/went-well": "The gate found it on its first day, and the keys were dead before the purge.",
        "lessons/went-poorly": "The keys were readable for months.",
        "lessons/next-time": "Settings with keys come from a vault; an example file shows their names.",
    },
    actions=(
        ("Test that git ignores files of settings", "mina", "tests"),
        ("Alarm when one is in a history", "mina", "monitoring"),
        ("Read the keys from a vault", "tom", "other"),
    ),
    test=_TEST,
    cure=(_CURE,),
    done={
        "tests": f"{_TEST.file}, commit {{commit}}",
        "monitoring": f"{deeds.WATCH.file}, commit {{commit}}",
    },
    regression={
        "symptom": f"live keys in {FILE}, in {FILE_COMMITS} commits and on the server",
        "root-cause": "no rule ignored it, and no gate read commits",
        "incorrect-behaviour": "settings with keys committed beside the code",
        "correct-solution": "settings stay out of git; the gate reads every commit and every push",
        "enforced-path": ".gitignore, and Andon's hooks in clones and on the server",
        "prevention-mechanism": f"{_TEST.file}; the ban list of the server",
    },
    signatures={},
    watch=deeds.practice,
)

SCENARIO = Scenario(
    name="leak",
    summary=f"live keys in {FILE_COMMITS} commits, a fork and an old clone: replaced, purged, kept out",
    opening="The same small shop, in spring. Its settings lie in one file, because that is practical.",
    quiet_days=60,
    past_orders=412,
    break_it=deeds.install,
    symptom="",
    proof=deeds.proof,
    script=(
        Step(
            say=f"Tom needs a key for his tests and adds it to {FILE}, as everybody here does.",
            act=deeds.tom_commits,
        ),
        Step(say="He is in a hurry: there is a flag against hooks.", act=deeds.tom_goes_around),
        Step(
            say="Whoever means to can switch the hooks off in his own clone. The server decides for itself. "
            "The new key never left his clone; he takes it back.",
            act=deeds.tom_switches_off,
        ),
        Step(say=f"Only now somebody asks: what is {FILE}, and since when is it there?"),
        _SAY_IT,
        own_it(*_LOCATE),
        Step(
            chapter="Replace first",
            say="Lena wants it out of the history at once. Whoever has a copy already would not mind.",
            command=("leak", "purge", "--yes"),
            expect=1,
            shows=("rotate-first",),
        ),
        Step(command=("leak", "rotate"), lines=24),
        _OVER,
        Step(chapter="Take it out"),
        _PURGE,
        *_PUSH,
        _FORK,
        *_KEEP_OUT,
        *_JUDGE,
        *reviewing(_REVIEW),
        Step(
            say="Everybody goes on: Mina pushes the test, Tom his work, and the server looks at both.",
            act=deeds.work_goes_on,
        ),
        *closing(),
    ),
    lesson="A pushed secret is spent: replace it first. Then take it out of every commit and every copy, "
    "prove that, and see to it that no old clone brings it back.",
)
