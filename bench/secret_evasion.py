"""How many ways to hide a token Andon's gate sees, beside other scanners on the same repositories.

    .venv/bin/python -m bench.secret_evasion [--peer gitleaks --peer betterleaks --peer kingfisher]

The ways are those of tests/evasions.py: 24 in the index, more of them, 15 in a history; and what is innocent.
Each way is a new repository with one token that is made up. A peer is found on PATH and asked as its manual
says to ask before a commit, and of a whole history; never with live validation. "Seen" is an exit code.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.evasions import HISTORY, INNOCENT, STAGED, STAGED_TOO, Way, begun, git, made_token

TOKEN = made_token(99)
_DEEP = ("--max-decode-depth", "3", "--max-archive-depth", "3")
#: Staged and history, with the exit code that means "found".
PEERS: dict[str, tuple[tuple[str, ...], tuple[str, ...], int]] = {
    "gitleaks": (
        ("gitleaks", "git", "--staged", "--no-banner", *_DEEP, "."),
        ("gitleaks", "git", "--log-opts=--all", "--no-banner", *_DEEP, "."),
        1,
    ),
    "betterleaks": (
        ("betterleaks", "git", "--staged", "--no-banner", "--no-allow-signatures", "."),
        ("betterleaks", "git", "--no-banner", "--no-allow-signatures", "."),
        1,
    ),
    "kingfisher": (
        ("kingfisher", "scan", ".", "--staged", "--no-validate", "--no-update-check", "--no-ignore"),
        ("kingfisher", "scan", ".", "--no-validate", "--no-update-check", "--no-ignore"),
        200,
    ),
}  # fmt: skip


def andon(place: Path, words: tuple[str, ...]) -> bool:
    """Ask Andon's own program; True when it says that there is a secret."""
    done = subprocess.run(
        [sys.executable, "-m", "andon", *words],
        cwd=place,
        capture_output=True,
        check=False,
        env={**os.environ, "ANDON_JOURNAL": str(place.parent / "journal.db")},
    )
    return done.returncode == 1


def peer(place: Path, words: tuple[str, ...], found: int) -> bool:
    """Ask another program; True when it says that there is a secret."""
    done = subprocess.run(words, cwd=place, capture_output=True, check=False, timeout=300)
    return done.returncode == found


def seen_by(ways: tuple[Way, ...], is_staged: bool, peers: list[str]) -> dict[str, list[str]]:
    """Return, by tool, which ways it did not see."""
    missed: dict[str, list[str]] = {name: [] for name in ("andon", *peers)}
    for way in ways:
        with tempfile.TemporaryDirectory() as folder:
            place = begun(Path(folder) / "shop")
            way.hide(place, TOKEN)
            words = ("gate", "pre-commit") if is_staged else ("secrets", "scan", "--history")
            if not andon(place, words):
                missed["andon"].append(way.name)
            for name in peers:
                staged, history, code = PEERS[name]
                if not peer(place, staged if is_staged else history, code):
                    missed[name].append(way.name)
            git(place, "status")
    return missed


def main() -> None:
    """Print a line for each tool and part, then what it missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", action="append", choices=tuple(PEERS), default=[])
    parser.add_argument(
        "--part", choices=("staged", "history", "more", "innocent"), action="append", default=[]
    )
    arguments = parser.parse_args()
    parts = {
        "staged": (STAGED, True),
        "history": (HISTORY, False),
        "more": (STAGED_TOO, True),
        "innocent": (INNOCENT, True),
    }
    for name, (ways, is_staged) in parts.items():
        if arguments.part and name not in arguments.part:
            continue
        for tool, missed in seen_by(ways, is_staged, arguments.peer).items():
            print(f"{name:9} {tool:12} {len(ways) - len(missed):3} of {len(ways)}", flush=True)
            if name != "innocent":
                for way in missed:
                    print(f"{'':22} missed: {way}")


if __name__ == "__main__":
    main()
