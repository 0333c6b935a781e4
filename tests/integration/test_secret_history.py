"""A whole history is read once, and what is found is what reading every version by itself finds."""

from __future__ import annotations

import base64
import gzip
import random
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.desk.gate.secret_reading import SecretSearch
from andon.desk.secret_history import HistorySearch
from andon.production.git_changes import GitChanges
from andon.secrets.gate import scan
from andon.secrets.views import LIMITS
from andon.wiring.clocks import SystemClock

LETTERS = string.ascii_letters + string.digits


class Desk:
    """What the search asks of a desk."""

    def __init__(self, root: str) -> None:
        self.changes = GitChanges(root)
        self.clock = SystemClock()


class Story:
    """A repository whose history is told commit by commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.chance = random.Random(11)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Robin")
        self.git("config", "user.email", "robin@example.com")

    def git(self, *words: str, given: bytes = b"") -> str:
        done = subprocess.run(
            ["git", "-C", str(self.root), *words], input=given, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def token(self) -> bytes:
        """Return what looks like a key of AWS; it has no checksum."""
        return b"AK" + b"IA" + "".join(self.chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)).encode()

    def word(self, length: int = 28) -> bytes:
        return "".join(self.chance.choices(LETTERS, k=length - 2)).encode() + b"4z"

    def commit(self, message: str = "a change", **files: bytes) -> str:
        for name, content in files.items():
            path = self.root / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def look(story: Story, *, unreachable: bool = True) -> SecretSearch:
    desk = Desk(str(story.root))
    search = SecretSearch(desk, LIMITS, 600.0)  # type: ignore[arg-type]
    HistorySearch(search, desk.changes).look(desk.changes.everything(unreachable=unreachable).objects)
    return search


def by_itself(story: Story) -> Iterator[tuple[str, str, bytes]]:
    """Yield (path, kind, value) of what is found when every version is read alone."""
    changes = GitChanges(str(story.root))
    for identity, kind, path in changes.everything(unreachable=True).objects:
        if kind == "blob":
            content = changes.blob(identity)
            yield from ((path, f.kind, f.sealed.value) for f in scan(content, path))


def a_busy_history(story: Story) -> None:
    lines = [b"def number_%d():\n    return %d\n" % (n, n) for n in range(60)]
    password = story.word(18)
    story.commit(app_py=b"".join(lines), deploy_yaml=b"- name: DB_PASSWORD\n  value: unset\n")
    for n in range(12):
        lines[story.chance.randrange(60)] = b"def other_%d():\n    return %d\n" % (n, n)
        if n == 3:
            lines[20] = b"key = '" + story.token() + b"'\n"
        if n == 6:
            lines[20] = b"def gone():\n    pass\n"
        story.commit(app_py=b"".join(lines))
    story.commit(deploy_yaml=b"- name: DB_PASSWORD\n  value: " + password + b"\n")
    story.commit(config_ini=b"[a]\nhost = here\n")
    story.commit(config_ini=b"[a]\nhost = here\npassword = " + story.word(20) + b"\n")
    story.commit(notes_txt=b"see " + base64.b64encode(b"the key is " + story.token() + b" for now") + b"\n")
    story.commit(a_bin=gzip.compress(b"token: " + story.token() + b"\n"))
    story.commit(wide_txt=("key " + story.token().decode()).encode("utf-16"))
    story.commit(
        id_pem=b"-----BEGIN PRIVATE KEY-----\n"
        + b"\n".join(story.word(64) for _ in range(6))
        + b"\n-----END PRIVATE KEY-----\n"
    )
    story.commit(_env=b"ADMIN_PASSWORD=" + story.word(20) + b"\n")


def test_it_finds_what_reading_every_version_finds(story: Story) -> None:
    a_busy_history(story)
    found = {
        (s.finding.path, s.finding.kind, s.finding.sealed.value) for s in look(story).sightings if not s.place
    }
    expected = set(by_itself(story))
    assert len(expected) >= 8
    assert found == expected


def test_each_is_told_once_with_the_commit_that_brought_it(story: Story) -> None:
    story.commit(app_py=b"a = 1\n")
    token = story.token()
    first = story.commit(app_py=b"a = 1\nkey = '" + token + b"'\n")
    for n in range(5):
        story.commit(app_py=b"a = %d\nkey = '" % n + token + b"'\n")
    (sighting,) = look(story, unreachable=False).sightings
    assert (sighting.commit, sighting.finding.line, sighting.finding.path) == (first, 2, "app.py")


def test_messages_tags_notes_stashes_and_names_are_looked_at(story: Story) -> None:
    tokens = [story.token().decode() for _ in range(6)]
    story.commit(f"remove {tokens[0]}", a_txt=b"1\n")
    story.git("tag", "-a", "v1", "-m", f"with {tokens[1]}")
    story.git("notes", "add", "-m", f"was {tokens[2]}")
    (story.root / "a.txt").write_text(f"{tokens[3]}\n")
    story.git("stash")
    story.commit(b_txt=tokens[4].encode())
    story.git("reset", "-q", "--hard", "HEAD^")
    (story.root / tokens[5]).write_text("x")
    story.commit()
    found = {s.finding.sealed.value.decode() for s in look(story).sightings}
    assert set(tokens) <= found


def test_a_quiet_history_has_nothing_to_tell(story: Story) -> None:
    for n in range(10):
        story.commit(app_py=b"a = %d\n" % n)
    search = look(story)
    assert search.sightings == []
    assert (search.files, search.commits) == (10, 10)
