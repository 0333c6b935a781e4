"""A shop whose keys were committed: made-up secrets, a long history, a server, a fork, another clone."""

from __future__ import annotations

import json
import os
import random
import shutil
import string
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from andon.drill.environment import environment
from andon.drill.script import Stage
from andon.secrets.known_values import forms, forms_in_base64

#: Commits that hold the environment file, and those that hold the page, as in the founding incident.
FILE_COMMITS, PAGE_COMMITS = 169, 65
FILE, PAGE = ".env.master", "docs/cloud.md"
SERVER, FORK, COLLEAGUE = "origin.git", "fork.git", "tom"
#: Where nothing may be left: repositories, and directories with the files that Andon keeps.
REPOSITORIES = ("shop", SERVER, FORK, COLLEAGUE)
_SUBJECTS = (
    "Round prices to five cents",
    "Name the warehouse on the receipt",
    "Sort products by name",
    "Shorten the welcome text",
    "Tell apart shipping and goods",
    "Note the new supplier",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Keys of the providers' forms that nobody has ever been given; the same for the same seed."""

    access_key: str
    secret_key: str
    model_key: str
    #: A key that was to be added today.
    new_key: str

    @classmethod
    def of(cls, seed: str) -> Secrets:
        """Make them up from a seed."""
        chance = random.Random(f"leak {seed}")  # noqa: S311 they open nothing
        return cls(
            access_key="AK" + "IA" + _word(chance, string.ascii_uppercase + "234567", 16),
            secret_key=_word(chance, string.ascii_letters + string.digits, 40),
            model_key="sk" + "-proj-" + _word(chance, string.ascii_letters + string.digits, 60),
            new_key="sk" + "-proj-" + _word(chance, string.ascii_letters + string.digits, 60),
        )

    @classmethod
    def on(cls, stage: Stage) -> Secrets:
        """Return the secrets of a running drill; its directory's name is the seed."""
        return cls.of(os.path.basename(stage.world.home))

    @property
    def leaked(self) -> tuple[str, ...]:
        """Those that were pushed."""
        return self.access_key, self.secret_key, self.model_key

    @property
    def all(self) -> tuple[str, ...]:
        """Every one of them."""
        return *self.leaked, self.new_key


def _word(chance: random.Random, letters: str, length: int) -> str:
    return "".join(chance.choice(letters) for _ in range(length))


# ---- building it


def build(stage: Stage) -> None:
    """Write the history with the leak, push it, and let a fork and a colleague's clone come of it."""
    world, shop = stage.world, stage.world.repository
    began = max(world.deployed_at.values()) + timedelta(hours=3)
    stream = "".join(_history(Secrets.on(stage), shop.git("rev-parse", "HEAD").strip(), began))
    _run(shop.path, "fast-import", "--quiet", "--force", stdin=stream)
    shop.git("reset", "--quiet", "--hard", "main")
    home = world.home
    _run(home, "init", "--quiet", "--bare", "--initial-branch=main", SERVER)
    shop.git("remote", "add", "origin", world.beside(SERVER))
    first = shop.git("rev-list", "--reverse", "HEAD", "--", FILE).split()[0]
    pushed = began + timedelta(hours=2)
    _push(stage, pushed, f"{first}:refs/heads/main", "--tags")
    _push(stage, datetime.now(UTC) - timedelta(hours=19), "--set-upstream", "main")
    _write(
        os.path.join(world.beside(SERVER), "andon.toml"),
        f'service = "shop"\njournal = {json.dumps(world.journal)}\n',
    )
    _run(home, "clone", "--quiet", "--bare", "--no-local", SERVER, FORK)
    clone(stage)
    colleague = world.beside(COLLEAGUE)
    _write(os.path.join(colleague, "shop", "gifts.py"), 'RIBBONS = ("red", "green")\n')
    _run(colleague, "add", "--all")
    _run(colleague, "commit", "--quiet", "--message", "Wrap gifts")


def _push(stage: Stage, at: datetime, *words: str) -> None:
    """Push from the shop's clone, whose log of references says `at` then."""
    stamp = {"GIT_COMMITTER_DATE": at.isoformat(timespec="seconds")}
    stage.world.repository.git("push", "--quiet", "origin", *words, extra=stamp)


def clone(stage: Stage) -> None:
    """Let the colleague clone what is on the server."""
    colleague = stage.world.beside(COLLEAGUE)
    _run(stage.world.home, "clone", "--quiet", "--no-local", SERVER, COLLEAGUE)
    _run(colleague, "config", "user.name", "Tom")
    _run(colleague, "config", "user.email", "tom@shop.example")


def _history(secrets: Secrets, base: str, began: datetime) -> Iterator[str]:
    """Yield the commits in the language of `git fast-import`: the last day is yesterday."""
    step = (datetime.now(UTC) - timedelta(hours=20) - began) / FILE_COMMITS
    for number in range(FILE_COMMITS):
        at = int((began + step * number).timestamp())
        author = ("Lena", "Tom", "Mina")[number % 3]
        subject = (
            "Settings in one file" if number == 0 else f"{_SUBJECTS[number % len(_SUBJECTS)]} ({number})"
        )
        yield "commit refs/heads/main\n"
        yield f"committer {author} <{author.lower()}@shop.example> {at} +0000\n{_data(subject)}"
        if number == 0:
            yield f"from {base}\n"
        yield f"M 100644 inline {FILE}\n{_data(environment_file(secrets, number))}"
        pages = number - (FILE_COMMITS - PAGE_COMMITS)
        if pages >= 0:
            yield f"M 100644 inline {PAGE}\n{_data(_page(secrets, pages))}"
        yield "\n"


def environment_file(secrets: Secrets, number: int) -> str:
    """Return the settings as they were in that commit."""
    return (
        f"# all settings, revision {number}\nAWS_ACCESS_KEY_ID={secrets.access_key}\n"
        f"AWS_SECRET_ACCESS_KEY={secrets.secret_key}\nOPENAI_API_KEY={secrets.model_key}\nMODE=live\n"
    )


def _page(secrets: Secrets, number: int) -> str:
    steps = "".join(f"{step}. Step {step} of the move.\n" for step in range(1, number + 2))
    return f"# Our cloud\n\nSign in with `{secrets.access_key}` and `{secrets.secret_key}`.\n\n{steps}"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _run(place: str, *words: str, stdin: str = "") -> str:
    return subprocess.run(
        ["git", *words],
        cwd=place,
        env=environment(),
        input=stdin,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


# ---- what people do in it


def git(stage: Stage, place: str, *words: str, fails: bool = False) -> str:
    """Run git as somebody at a terminal would and return the line and what it said.

    Raises RuntimeError when it fails and should not, or the other way round.
    """
    settings = {**stage.session.settings, "ANDON_ACTOR": "tom"}
    done = subprocess.run(
        ["git", *words],
        cwd=stage.world.beside(place),
        env=environment(settings),
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    said = (done.stdout + done.stderr).rstrip()
    shown = " ".join(f'"{word}"' if " " in word else word for word in words)
    told = f"{place}$ git {shown}\n{said}".rstrip()
    if (done.returncode != 0) is not fails:
        raise RuntimeError(f"{told}\nended with {done.returncode}")
    return told


def add_a_key(stage: Stage) -> None:
    """Let the colleague write the new key where all keys are."""
    path = os.path.join(stage.world.beside(COLLEAGUE), FILE)
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"OPENAI_KEY_FOR_TESTS={Secrets.on(stage).new_key}\n")


def fork_again(stage: Stage) -> None:
    """Let the fork's owner do what the letter says: delete it, and fork again."""
    shutil.rmtree(stage.world.beside(FORK))
    _run(stage.world.home, "clone", "--quiet", "--bare", "--no-local", SERVER, FORK)


def clone_again(stage: Stage) -> str:
    """Let the colleague do what the letter says: keep the work as a patch, delete the clone, clone again."""
    colleague = stage.world.beside(COLLEAGUE)
    patch = _run(colleague, "format-patch", "-1", "--stdout", "main")
    shutil.rmtree(colleague)
    clone(stage)
    _run(colleague, "am", "--quiet", stdin=patch)
    return _run(colleague, "log", "-2", "--format=%h %an: %s").strip()


# ---- what is left of it


def survivors(stage: Stage) -> tuple[str, ...]:
    """Return where a value can still be found, in any file or object; the backup's bundle is not opened."""
    values = [value.encode() for value in Secrets.on(stage).all]
    secrets = [form for value in values for form in (*forms(value), *forms_in_base64(value))]
    found = {
        f"{os.path.relpath(path, stage.world.home)}"
        for path in _files(stage.world.home)
        if _holds(path, secrets)
    }
    found |= {
        f"{name}: an object of git"
        for name in REPOSITORIES
        if any(value in _objects(stage.world.beside(name)) for value in secrets)
    }
    heard = "".join(stage.session.heard).encode()
    if any(value in heard for value in secrets):
        found.add("what the commands printed")
    return tuple(sorted(found))


def _files(home: str) -> Iterable[str]:
    for place, _, names in os.walk(home):
        yield from (os.path.join(place, name) for name in names)


def _holds(path: str, secrets: list[bytes]) -> bool:
    if not os.path.isfile(path) or os.path.islink(path):
        return False
    with open(path, "rb") as file:
        content = file.read()
    return any(value in content for value in secrets)


def _objects(repository: str) -> bytes:
    """Return every object of a repository, unpacked; whether anything reaches it or not."""
    return subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch", "--unordered"],
        cwd=repository,
        env=environment(),
        check=True,
        capture_output=True,
    ).stdout
