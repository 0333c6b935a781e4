"""The practice shop's git repository: real commits with dates, tags, and the edits that make a release."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from andon.drill.environment import environment

TEMPLATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "template")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace a piece of one file that must occur there exactly once; an empty `old` makes a new file."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What one release changes and who made it."""

    version: str
    message: str
    author: str
    edits: tuple[Edit, ...] = ()


#: What a test run says about how it went: the error, the count, the verdict.
_TOLD = re.compile(r"[\w.]*(Error|Exception|Unavailable)\b|Ran |OK|FAILED")


#: How the shop's own tests are run with Python.
TESTS = ("-m", "unittest", "discover", "--start", "tests", "--top", ".")


class Repository:
    """The shop's repository on disk."""

    def __init__(self, path: str) -> None:
        """Name the place; nothing is made yet."""
        self.path = path

    def create(self) -> None:
        """Lay out the shop's source as an empty repository on branch `main`."""
        shutil.copytree(TEMPLATE, self.path, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        self.git("init", "--quiet", "--initial-branch=main", ".")
        self.git("config", "user.name", "Mina")
        self.git("config", "user.email", "mina@shop.example")
        self.write(".gitignore", "__pycache__/\n")

    def write(self, file: str, text: str) -> None:
        """Put a file into the work tree."""
        path = os.path.join(self.path, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as target:
            target.write(text)

    def read(self, file: str) -> str:
        """Return a file of the work tree."""
        with open(os.path.join(self.path, file), encoding="utf-8") as source:
            return source.read()

    def edit(self, change: Edit) -> None:
        """Apply one edit; raises ValueError when the text to replace is not there exactly once."""
        if not change.old:
            self.write(change.file, change.new)
            return
        text = self.read(change.file)
        if text.count(change.old) != 1:
            raise ValueError(f"{change.file}: {change.old!r} occurs {text.count(change.old)} times, not once")
        self.write(change.file, text.replace(change.old, change.new))

    def release(self, release: Release, at: datetime) -> None:
        """Commit the release with this date and tag it."""
        for change in release.edits:
            self.edit(change)
        self.write("shop/__init__.py", _with_version(self.read("shop/__init__.py"), release.version))
        self.commit(release.message, release.author, at)
        self.git("tag", release.version)

    def commit(self, message: str, author: str, at: datetime) -> None:
        """Commit everything in the work tree in the author's name."""
        stamp, mail = at.isoformat(timespec="seconds"), f"{author.lower()}@shop.example"
        who = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (("NAME", author), ("EMAIL", mail), ("DATE", stamp))
        }
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message, extra=who)

    def git(self, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
        """Run git in the repository and return its output; raises CalledProcessError with its complaint."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=environment(extra),
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def deploy(self, version: str, production: str) -> str:
        """Run the team's own deploy script and return what it printed."""
        return subprocess.run(
            [sys.executable, os.path.join("ops", "deploy.py"), version, production],
            cwd=self.path,
            env=environment(),
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run Python in the work tree; returns the exit code and what it printed."""
        ran = subprocess.run(
            [sys.executable, "-B", *arguments],
            cwd=self.path,
            env=environment(),
            check=False,
            capture_output=True,
            text=True,
        )
        return ran.returncode, ran.stdout + ran.stderr

    def test(self) -> tuple[int, str]:
        """Run the shop's own tests; returns the exit code and the lines that say how it went."""
        code, words = self.run(*TESTS)
        lines = [line for line in words.splitlines() if _TOLD.match(line)]
        return code, "\n".join(["$ python -m unittest", *lines])


def _with_version(text: str, version: str) -> str:
    head, _, tail = text.partition('__version__ = "')
    return f'{head}__version__ = "{version.removeprefix("v")}{tail[tail.index(chr(34)) :]}'


#: The shop's past: every scenario begins with these releases, the last of them running.
HISTORY: tuple[Release, ...] = (
    Release(version="v1.0.0", message="Open the shop", author="Lena"),
    Release(
        version="v1.1.0",
        message="Name the currency on the front page",
        author="Tom",
        edits=(
            Edit(
                file="shop/server.py",
                old='{"products": store.products(connection)}',
                new='{"currency": "EUR", "products": store.products(connection)}',
            ),
        ),
    ),
    Release(
        version="v1.2.0",
        message="Find an order by its receipt",
        author="Lena",
        edits=(
            Edit(
                file="migrations/0002_orders_by_receipt.sql",
                old="",
                new="CREATE INDEX orders_by_receipt ON orders (receipt);\n",
            ),
        ),
    ),
    Release(
        version="v1.3.0",
        message="Charge shipping below forty euros",
        author="Tom",
        edits=(
            Edit(
                file="shop/pricing.py",
                old="    return sum(price * quantity for price, quantity in lines)\n",
                new="    goods = sum(price * quantity for price, quantity in lines)\n"
                "    return goods if goods >= FREE_SHIPPING_FROM else goods + SHIPPING\n",
            ),
            Edit(
                file="shop/pricing.py",
                old='"""Return the sum of price times quantity."""',
                new='"""Return the sum of price times quantity, with shipping for small baskets."""',
            ),
            Edit(
                file="shop/pricing.py",
                old="Line = tuple[int, int]\n",
                new="Line = tuple[int, int]\n\nSHIPPING = 490\nFREE_SHIPPING_FROM = 4000\n",
            ),
        ),
    ),
)
