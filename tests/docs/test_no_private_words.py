"""No file of the repository names a package registry's host, or a path that exists on one machine only."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Each word is written in two parts, so that this file does not hold it.
HOSTS = (
    ("py", r"pi\.org"),
    ("python", r"hosted\.org"),
    ("npm", r"js\.(org|com)"),
    ("crates", r"\.io"),
    ("deb", r"\.debian\.org"),
    ("archive", r"\.ubuntu\.com"),
    ("proxy", r"\.golang\.org"),
    ("farm", "-(studio|bench)"),
)
PATHS = (
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/fa", "rm/"),
    ("/opt/", "(wheels|py" + "pi)"),
    ("/tmp/", "(exp|brief|studio|bash_jobs)"),
)
FORBIDDEN = re.compile(
    "|".join([*(first + rest for first, rest in HOSTS), *(rf"(?<![\w.-]){a}{b}" for a, b in PATHS)])
)


def tracked_files() -> list[Path]:
    """Return every file that git keeps here."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git repository: a downloaded archive has no list of its files")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = listed.stdout.decode(errors="surrogateescape").split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_machine() -> None:
    files = tracked_files()
    assert files, "git lists no file: nothing was checked"
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for path in files
        for text in (path.read_text(errors="replace"),)
        for match in FORBIDDEN.finditer(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "index-url = https://py" + "pi.org/simple",
        "https://files.python" + "hosted.org/packages/a.whl",
        "# via -r /wo" + "rk/main/pyproject.toml",
        "cd /ro" + "ot/clone",
        "PATH=/op" + "t/wheels",
    ],
)
def test_the_check_would_notice(text: str) -> None:
    assert FORBIDDEN.search(text)
