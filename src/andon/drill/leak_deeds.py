"""What people do in the drill of a leak beside the commands of Andon, and how the drill looks for itself."""

from __future__ import annotations

import os
import re

from andon.drill import leaky
from andon.drill.leaky import COLLEAGUE, FILE, FILE_COMMITS, FORK, SERVER, git
from andon.drill.releases import Edit
from andon.drill.script import Stage

#: The list of what must not come back, on its way to the server.
BANS = "bans"

WATCH = Edit(
    file="ops/watch_settings.py",
    old="",
    new='''"""Alarm when a history has a file of settings: `watch_settings.py REPOSITORY` exits 1 then."""

import subprocess
import sys

NAMES = (":(glob)**/.env", ":(glob)**/.env.*", ":(exclude,glob)**/.env.example")

if __name__ == "__main__":
    asked = ["git", "-C", sys.argv[1], "log", "--all", "--oneline", "--", *NAMES]
    found = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.splitlines()
    print(f"{'ALARM' if found else 'fine'}: a file of settings in {len(found)} commit(s)")
    sys.exit(1 if found else 0)
''',
)


def install(stage: Stage) -> str:
    """Months later: build the history with the leak; today the team gets the gate."""
    leaky.build(stage)
    for place, words in (("shop", ()), (COLLEAGUE, ()), (SERVER, ("--server",))):
        done = stage.session.at(stage.world.beside(place)).run("hooks", "install", *words)
        if done.code != 0:
            raise RuntimeError(f"andon hooks install in {place}: {done.output}")
    return (
        f"{FILE_COMMITS} commits later. The code is on a server ({SERVER}), somebody has a fork of it "
        f"({FORK}), Tom has a clone ({COLLEAGUE}) with work of his own. Today the team installed Andon's "
        "gate in the clones and on the server. Nothing is broken, and customers notice nothing: a leak makes "
        "no noise. The keys in this drill are made up, and nobody has ever been given them."
    )


def tom_commits(stage: Stage) -> str:
    leaky.add_a_key(stage)
    return git(stage, COLLEAGUE, "commit", "-am", "A key for the tests", fails=True)


def tom_goes_around(stage: Stage) -> str:
    return git(stage, COLLEAGUE, "commit", "--no-verify", "-am", "A key for the tests", fails=True)


def tom_switches_off(stage: Stage) -> str:
    off = ("-c", "core.hooksPath=/dev/null")
    return "\n".join(
        (
            git(stage, COLLEAGUE, *off, "commit", "-qam", "A key for the tests"),
            git(stage, COLLEAGUE, *off, "push", fails=True),
            git(stage, COLLEAGUE, "reset", "-q", "--hard", "HEAD~1"),
        )
    )


def in_the_past(stage: Stage) -> str:
    return "\n".join(
        (
            git(stage, "shop", "rm", "-q", "--cached", FILE),
            git(stage, "shop", "rev-list", "--count", "HEAD", "--", FILE),
            git(stage, "shop", "reset", "-q", "--hard"),
        )
    )


def fork_has_it(stage: Stage) -> str:
    return git(stage, FORK, "rev-list", "--count", "--all", "--", FILE)


def fork_again(stage: Stage) -> str:
    leaky.fork_again(stage)
    return f"$ rm -r {FORK}\n$ git clone --bare {SERVER} {FORK}"


def host_lets_go(stage: Stage) -> str:
    return git(stage, SERVER, "gc", "--quiet", "--prune=now")


def stale_push(stage: Stage) -> str:
    told = git(stage, COLLEAGUE, "push", "--quiet", "--no-verify", "--force", fails=True)
    if not re.search(r"banned +blocks", told):
        raise RuntimeError(f"the server does not name its ban list: {told}")
    lines = told.splitlines()
    shown = [line.rstrip() for line in lines if not line.startswith("remote:      ")]
    return "\n".join((*shown, f"(and {len(lines) - len(shown)} lines about single objects and values)"))


def tom_again(stage: Stage) -> str:
    shown = leaky.clone_again(stage)
    done = stage.session.at(stage.world.beside(COLLEAGUE)).run("hooks", "install")
    if done.code != 0:
        raise RuntimeError(done.output)
    return f"a fresh clone, and on it:\n{shown}"


def work_goes_on(stage: Stage) -> str:
    return "\n".join(
        (
            git(stage, "shop", "push", "--quiet"),
            git(stage, COLLEAGUE, "pull", "--quiet", "--rebase"),
            git(stage, COLLEAGUE, "push", "--quiet"),
            git(stage, SERVER, "log", "-3", "--format=%h %an: %s", "main"),
        )
    )


def practice(stage: Stage) -> str:
    """Write the alarm and hear it: in a repository made for it, and in the shop's."""
    shop, practice = stage.world.repository, stage.world.beside("practice")
    shop.edit(WATCH)
    git(stage, "shop", "init", "-q", practice)
    with open(os.path.join(practice, ".env.test"), "w", encoding="utf-8") as file:
        file.write("MODE=test\n")
    git(stage, "practice", "add", ".env.test")
    who = ("-c", "user.name=Mina", "-c", "user.email=mina@shop.example")
    git(stage, "practice", *who, "commit", "-q", "-m", "Practice")
    told = []
    for name, code in (("practice", 1), ("shop", 0), (SERVER, 0)):
        found, words = shop.run(WATCH.file, stage.world.beside(name))
        if found != code:
            raise RuntimeError(f"{WATCH.file} {name}: {words}")
        told.append(f"$ python {WATCH.file} {name}: {words.strip()}")
    return "\n".join(told)


def proof(stage: Stage) -> str:
    left = leaky.survivors(stage)
    if left:
        raise RuntimeError("a value survived: " + "; ".join(left))
    room = os.path.join(os.path.dirname(stage.world.journal), "leaks", stage.incident)
    kept = [n for n in (os.listdir(room) if os.path.isdir(room) else ()) if ".bundle" not in n]
    if kept:
        raise RuntimeError(f"left in the private directory: {', '.join(kept)}")
    return (
        "searched for the 4 values, in each of their encodings, in every file and every object of git:\n"
        f"{', '.join(leaky.REPOSITORIES)}; journal, evidence, caches, logs, documents, all that was printed\n"
        "found: 0\n"
        "the backup, one private file, still has the old history until its day; a follow-up says who answers"
    )


def remove(stage: Stage) -> str:
    os.unlink(stage.world.beside(BANS))
    return f"shop$ rm ../{BANS}"
