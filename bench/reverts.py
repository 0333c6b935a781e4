"""The reverts of a repository: which commit broke it, when it went out, and when it was taken back.

A revert is the decision to roll back, written down by the people who made it: `This reverts commit <id>`,
or a subject `Revert "<subject>"`. Both commits are followed to the commit of the main line (first parents)
that brought them; what was reverted before it reached the main line never went out and is left out. When one
commit takes several back, the oldest of them is the culprit: with it, it was broken.

    git clone --bare https://github.com/pypi/warehouse
    ./dev bench reverts warehouse.git
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_BY_ID = re.compile(r"This reverts commit ([0-9a-f]{7,40})")
_BY_SUBJECT = re.compile(r'Revert "(.+)"')
#: What a squashed pull request adds to a subject.
_NUMBER = re.compile(r"\s*\(#\d+\)$")


class Commit(NamedTuple):
    """A commit of the main line."""

    id: str
    at: datetime
    subject: str


class Revert(NamedTuple):
    """Places on the main line: the commit that broke it, and the one that took it back."""

    culprit: int
    revert: int
    #: Commits of the main line that it took back; which of several is at fault, it does not say.
    taken_back: int

    @property
    def window(self) -> int:
        """Commits that went out from the culprit to the decision to take it back; the culprit is one."""
        return self.revert - self.culprit


class History(NamedTuple):
    """The main line, oldest first, and what was taken back."""

    line: tuple[Commit, ...]
    reverts: tuple[Revert, ...]

    def took(self, one: Revert) -> timedelta:
        """Return the time from the culprit to its revert."""
        return self.line[one.revert].at - self.line[one.culprit].at


def git(repository: str, *arguments: str) -> str:
    """Return what git prints."""
    done = subprocess.run(["git", "-C", repository, *arguments], check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")


def read(repository: str, head: str = "HEAD") -> History:
    """Return the main line and its reverts, in the order in which they broke it."""
    told = git(
        repository, "log", "--reverse", "--topo-order", "--format=%H%x00%P%x00%ct%x00%s%x00%b%x01", head
    )
    rows = [row.lstrip("\n").split("\0") for row in told.split("\x01") if row.strip()]
    line = _line({row[0]: row[1].split() for row in rows}, git(repository, "rev-parse", head).strip())
    brought = _brought({row[0]: row[1].split() for row in rows}, line)
    made = {row[0]: Commit(row[0], datetime.fromtimestamp(int(row[2]), UTC), row[3]) for row in rows}
    subjects: dict[str, list[str]] = {}
    found: dict[int, set[int]] = {}
    for commit, _, _, subject, body in rows:
        for other in _reverted(subject, body, made, subjects):
            culprit, revert = brought[other], brought[commit]
            if culprit < revert:
                found.setdefault(revert, set()).add(culprit)
        subjects.setdefault(_NUMBER.sub("", subject), []).append(commit)
    reverts = sorted(Revert(min(culprits), revert, len(culprits)) for revert, culprits in found.items())
    return History(tuple(made[c] for c in line), tuple(reverts))


def _line(parents: dict[str, list[str]], head: str) -> list[str]:
    line = [head]
    while parents[line[-1]]:
        line.append(parents[line[-1]][0])
    return line[::-1]


def _brought(parents: dict[str, list[str]], line: list[str]) -> dict[str, int]:
    """Return, for each commit, the place on the main line with which it arrived there."""
    brought: dict[str, int] = {}
    for place, commit in enumerate(line):
        waiting = [commit]
        while waiting:
            one = waiting.pop()
            if one not in brought:
                brought[one] = place
                waiting.extend(parents[one])
    return brought


def _reverted(subject: str, body: str, made: dict[str, Commit], subjects: dict[str, list[str]]) -> list[str]:
    """Return the commits that a message says it takes back: by their id, else by their subject."""
    named = []
    for wanted in _BY_ID.findall(body):
        named += [wanted] if wanted in made else [c for c in made if c.startswith(wanted)][:1]
    if not named and (quoted := _BY_SUBJECT.match(subject)):
        named = subjects.get(_NUMBER.sub("", quoted[1]), [])[-1:]
    return named


def spoken(took: timedelta) -> str:
    """Return a duration in hours."""
    return f"{took.total_seconds() / 3600:.1f} h"


def main() -> int:
    """List the reverts of each repository."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", nargs="+", help="a clone; a bare one will do")
    for repository in parser.parse_args().repository:
        history = read(repository)
        took = sorted(history.took(one) for one in history.reverts)
        print(f"{repository}: {len(history.line)} commits on the main line, {len(history.reverts)} reverts")
        for one in history.reverts:
            culprit = history.line[one.culprit]
            took_back = spoken(history.took(one))
            print(f"  {one.window:4}  {took_back:>9}  {culprit.id[:10]}  {culprit.subject[:80]!a}")
        if took:
            print(f"  half of them were taken back within {spoken(took[len(took) // 2])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
