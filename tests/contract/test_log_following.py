"""Following a log: each byte once and in order, whatever rotation does; or it says why not."""

from __future__ import annotations

import gzip
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.desk.ports_production import LogSource
from andon.production import log_overlap
from andon.production.log_command import LogCommand
from andon.production.log_deployer import DeployerLog
from andon.production.log_family import family
from andon.production.log_file import LogFile
from tests.fakes.production import FakeDeployer, FakeLogSource

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
PLENTY = 1 << 20


# -- the contract --------------------------------------------------------------------------------------


class Growing:
    """A log that is written to, and the source that reads it."""

    def __init__(self, kind: str, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.path.touch()
        self.fake = FakeLogSource("shop")
        self.deployer = FakeDeployer(())
        program = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
        sources: dict[str, Callable[[], LogSource]] = {
            "fake": lambda: self.fake,
            "file": lambda: LogFile("shop", str(path)),
            "pattern": lambda: LogFile("shop", str(path.parent / "*.log")),
            "command": lambda: LogCommand("shop", [sys.executable, "-c", program, str(path)]),
            "deployer": lambda: DeployerLog("shop", lambda: self.deployer),
        }
        self.source = sources[kind]()

    def write(self, count: int) -> bytes:
        now = datetime.now(UTC)
        lines = b"".join(
            f"{now:%Y-%m-%dT%H:%M:%S.%fZ} line {self.lines + n}\n".encode() for n in range(count)
        )
        self.lines += count
        with self.path.open("ab") as file:
            file.write(lines)
        self.fake.content = self.deployer.log = self.path.read_bytes()
        return lines


@pytest.fixture(params=["fake", "file", "pattern", "command", "deployer"])
def growing(request: pytest.FixtureRequest, tmp_path: Path) -> Growing:
    return Growing(request.param, tmp_path / "shop.log")


def test_what_is_written_afterwards_comes_once(growing: Growing) -> None:
    before = growing.write(5)
    excerpt = growing.source.tail(None, PLENTY)
    assert excerpt.content == before
    for count in (3, 0, 1):
        written = growing.write(count)
        excerpt = growing.source.follow(excerpt.cursor, PLENTY)
        assert (excerpt.name, excerpt.content, excerpt.failure, excerpt.gap) == ("shop", written, "", "")


def test_without_a_cursor_it_begins_at_the_end(growing: Growing) -> None:
    growing.write(5)
    excerpt = growing.source.follow("", PLENTY)
    assert (excerpt.content, excerpt.failure, excerpt.gap) == (b"", "", "")
    written = growing.write(2)
    assert growing.source.follow(excerpt.cursor, PLENTY).content == written


@pytest.mark.parametrize(
    "cursor", ["nonsense", "[]", "[1,[[1,2,3]]]", "[" * 10_000, '[1,[["a",1,1,"","",1,true]]]']
)
def test_a_cursor_that_is_none_says_that_lines_may_be_missing(growing: Growing, cursor: str) -> None:
    growing.write(5)
    excerpt = growing.source.follow(cursor, PLENTY)
    assert (excerpt.content, "not known how far" in excerpt.gap) == (b"", True)
    written = growing.write(1)
    assert growing.source.follow(excerpt.cursor, PLENTY).content == written


# -- files: rotation -----------------------------------------------------------------------------------


class Rotated:
    """A log that is written to and rotated in the ways there are; remembers every byte."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = b""
        self.lines = 0
        self.held: IO[bytes] = path.open("ab", buffering=0)

    def write(self, count: int) -> None:
        for _ in range(count):
            self.lines += 1
            line = b"line %05d %s\n" % (self.lines, b"x" * (self.lines * 37 % 90))
            self.held.write(line)
            self.written += line

    def shift(self) -> None:
        """Make room for a new `.1`, as logrotate does."""
        for number in range(30, 0, -1):
            for end in ("", ".gz"):
                old = Path(f"{self.path}.{number}{end}")
                if old.exists():
                    old.rename(f"{self.path}.{number + 1}{end}")

    def rename(self) -> None:
        """Rename; the program still writes to the old file."""
        if self.path.exists():
            self.shift()
            self.path.rename(f"{self.path}.1")

    def create(self) -> None:
        """The program opens its log again."""
        self.held.close()
        self.held = self.path.open("ab", buffering=0)

    def copy_and_truncate(self) -> None:
        self.create()
        self.shift()
        shutil.copyfile(self.path, f"{self.path}.1")
        os.truncate(self.path, 0)

    def pack(self) -> None:
        """Pack the oldest file that is not packed yet; it is not written to any more."""
        for number in range(31, 1, -1):
            old = Path(f"{self.path}.{number}")
            if old.exists():
                with gzip.open(f"{old}.gz", "wb") as packed:
                    packed.write(old.read_bytes())
                old.unlink()
                return

    def rotate(self) -> None:
        self.rename()
        self.create()

    def date(self) -> None:
        """Rotate as logrotate's `dateext` does."""
        name = self.path.with_name(f"shop-2026-11-{self.lines % 28 + 1:02}-{self.lines}.log")
        self.create()
        self.path.rename(name)
        self.create()


STEPS = ["write", "write", "poll", "poll a little", "rotate", "rename", "create", "copy_and_truncate", "pack"]


def followed(log: Rotated, steps: list[str], source: LogFile) -> bytes:
    """Return everything that following returned while the steps were taken, and afterwards."""
    excerpt = source.tail(None, PLENTY)
    seen = excerpt.content
    for step in [*steps, *["poll"] * 3]:
        if step == "write":
            log.write(3)
        elif step.startswith("poll"):
            excerpt = source.follow(excerpt.cursor, PLENTY if step == "poll" else 100)
            assert (excerpt.failure, excerpt.gap) == ("", "")
            seen += excerpt.content
        else:
            getattr(log, step)()
    return seen


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=25), st.integers(min_value=0, max_value=12))
def test_no_byte_is_missed_and_none_repeated(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], before: int
) -> None:
    log = Rotated(tmp_path_factory.mktemp("log") / "shop.log")
    log.write(before)
    source = LogFile("shop", str(log.path))
    try:
        assert followed(log, steps, source) == log.written
    finally:
        log.held.close()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["write", "poll", "rotate", "copy_and_truncate"]), max_size=20))
def test_of_a_pattern_each_line_comes_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """Of one that fits the predecessors, too, which is the worst; the order of the files is not kept."""
    log = Rotated(tmp_path_factory.mktemp("log") / "shop.log")
    log.write(5)
    try:
        seen = followed(log, steps, LogFile("shop", f"{log.path}*"))
        assert sorted(seen.splitlines()) == sorted(log.written.splitlines())
    finally:
        log.held.close()


WAYS = {
    "rename": ["write", "rotate", "write"],
    "twice between two looks": ["write", "rotate", "write", "rotate", "write"],
    "written to until it is opened again": ["write", "rename", "poll", "write", "poll", "create", "write"],
    "copied and cut off": ["write", "copy_and_truncate", "write"],
    "copied, unread, and longer afterwards": ["poll", "write", "copy_and_truncate", *["write"] * 20],
    "packed": ["write", "rotate", "write", "rotate", "pack", "write"],
    "dated": ["write", "date", "write", "date", "write"],
}


@pytest.mark.parametrize("steps", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("before", [0, 1, 200])
def test_a_way_to_rotate(tmp_path: Path, steps: list[str], before: int) -> None:
    log = Rotated(tmp_path / "shop.log")
    log.write(before)
    seen = followed(log, steps, LogFile("shop", str(log.path)))
    log.held.close()
    assert seen == log.written


@pytest.mark.parametrize("size", [0, 1, 5000])
def test_a_copy_in_the_making_is_not_read_twice(tmp_path: Path, size: int) -> None:
    log = Rotated(tmp_path / "shop.log")
    log.write(100)
    for source in (LogFile("shop", str(log.path)), LogFile("shop", str(tmp_path / "shop.log*"))):
        excerpt = source.tail(None, PLENTY)
        log.write(5)
        Path(f"{log.path}.1").write_bytes(log.path.read_bytes()[:size])
        first = source.follow(excerpt.cursor, PLENTY)
        shutil.copyfile(log.path, f"{log.path}.1")
        second = source.follow(first.cursor, PLENTY)
        log.write(5)
        shutil.copyfile(log.path, f"{log.path}.1")
        third = source.follow(second.cursor, PLENTY)
        assert (first.content + second.content + third.content).count(b"\n") == 10
        os.truncate(log.path, 0)
        fourth = source.follow(third.cursor, PLENTY)
        log.write(1)
        assert (
            fourth.content + source.follow(fourth.cursor, PLENTY).content == log.written.splitlines(True)[-1]
        )
        assert (fourth.failure, fourth.gap) == ("", "")
        log.written = b""
        shutil.copyfile(log.path, f"{log.path}.1")
        os.remove(f"{log.path}.1")
        log.write(100)
    log.held.close()


def test_files_of_a_pattern_are_followed_beside_each_other(tmp_path: Path) -> None:
    one, two = tmp_path / "worker-1.log", tmp_path / "worker-2.log"
    one.write_bytes(b"one 1\n")
    source = LogFile("shop", str(tmp_path / "worker-*.log"))
    excerpt = source.tail(None, PLENTY)
    assert excerpt.content == b"one 1\n"
    two.write_bytes(b"two 1\n")
    with one.open("ab") as file:
        file.write(b"one 2\n")
    excerpt = source.follow(excerpt.cursor, PLENTY)
    assert sorted(excerpt.content.splitlines()) == [b"one 2", b"two 1"]
    (tmp_path / "worker-2026-11-27.log").write_bytes(b"a new day\n")
    (tmp_path / "other.log").write_bytes(b"not ours\n")
    assert source.follow(excerpt.cursor, PLENTY).content == b"a new day\n"


def test_of_a_pattern_each_file_has_its_share(tmp_path: Path) -> None:
    for number, lines in enumerate((3, 2000, 2000)):
        (tmp_path / f"w{number}.log").write_bytes(b"%d\n" % number * lines)
    content = LogFile("shop", str(tmp_path / "w*.log")).tail(None, 2000).content
    assert len(content) <= 2000
    assert content.count(b"0\n") == 3
    assert min(content.count(b"1\n"), content.count(b"2\n")) > 400


def test_a_log_that_is_gone_says_that_lines_may_be_missing(tmp_path: Path) -> None:
    log = Rotated(tmp_path / "shop.log")
    log.write(50)
    source = LogFile("shop", str(log.path))
    excerpt = source.tail(None, PLENTY)
    log.path.unlink()
    missing = source.follow(excerpt.cursor, PLENTY)
    assert ("does not exist" in missing.failure, missing.cursor) == (True, excerpt.cursor)
    log.create()
    log.write(1)
    again = source.follow(missing.cursor, PLENTY)
    assert again.content == log.written.splitlines(True)[-1]
    assert "what was being read is gone" in again.gap
    assert source.follow(again.cursor, PLENTY).gap == ""
    log.held.close()


def test_a_log_that_is_cut_off_without_a_copy_says_so(tmp_path: Path) -> None:
    log = Rotated(tmp_path / "shop.log")
    log.write(50)
    source = LogFile("shop", str(log.path))
    excerpt = source.tail(None, PLENTY)
    os.truncate(log.path, 0)
    log.write(1)
    again = source.follow(excerpt.cursor, PLENTY)
    assert (again.content, bool(again.gap)) == (log.written.splitlines(True)[-1], True)
    log.held.close()


def test_what_is_odd_beside_a_log_does_not_disturb(tmp_path: Path) -> None:
    log = Rotated(tmp_path / "shop.log")
    log.write(5)
    os.mkfifo(f"{log.path}.1")
    Path(f"{log.path}.2").mkdir()
    Path(f"{log.path}.3").symlink_to("/dev/zero")
    Path(f"{log.path}.4.gz").write_bytes(b"\x1f\x8b broken")
    Path(f"{log.path}.5").symlink_to("nowhere")
    for path in (log.path, tmp_path / "shop.log*"):
        source = LogFile("shop", str(path))
        excerpt = source.tail(None, PLENTY)
        assert (excerpt.content[-11:], excerpt.failure) == (log.written[-11:], "")
        log.write(1)
        assert source.follow(excerpt.cursor, PLENTY).content == log.written.splitlines(True)[-1]
    log.held.close()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["app.log.1", "app.log.2.gz", "app.log.10"], ["app.log.1", "app.log.2.gz", "app.log.10"]),
        (["app.log-20261125", "app.log-20261126.gz"], ["app.log-20261126.gz", "app.log-20261125"]),
        (["app.log.2026-11-25", "app.log.2026-11-26"], ["app.log.2026-11-26", "app.log.2026-11-25"]),
        (
            ["app-2026-11-26.1.log", "app-2026-11-26.2.log.gz"],
            ["app-2026-11-26.2.log.gz", "app-2026-11-26.1.log"],
        ),
        (["app.1.log", "app.2.log"], ["app.1.log", "app.2.log"]),
        (
            ["app.log-1795697532", "app-20261126-0312.log"],
            ["app.log-1795697532", "app-20261126-0312.log"][::-1],
        ),
        (
            [
                "app.log.bz2",
                "app.logs",
                "app-2.log",
                "xapp.log.1",
                "app.log.1.tmp",
                "application.log",
                "app.log.x",
            ],
            [],
        ),
    ],
)
def test_names_that_rotation_makes(tmp_path: Path, names: list[str], expected: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    found = [Path(path).name for path in family(str(tmp_path / "app.log"))]
    assert found == ["app.log", *expected]


def test_a_packed_log_is_read_as_a_log(tmp_path: Path) -> None:
    path = tmp_path / "shop.log.gz"
    whole = gzip.compress(b"one\n") + gzip.compress(b"two\n" * 1000)
    path.write_bytes(whole)
    source = LogFile("shop", str(path))
    assert source.tail(None, PLENTY).content == b"one\n" + b"two\n" * 1000
    path.write_bytes(whole[:-20])  # still being written
    assert source.tail(None, PLENTY).content.startswith(b"one\n")
    path.write_bytes(whole[:-8] + b"\xff" * 8)
    excerpt = source.tail(None, PLENTY)
    assert (excerpt.content, "cannot be read" in excerpt.failure) == (b"", True)


# -- what can only be asked for its end ----------------------------------------------------------------


def lines(*numbers: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in numbers)


@pytest.mark.parametrize(
    ("before", "now", "new", "is_apart"),
    [
        (lines(1, 2, 3), lines(1, 2, 3, 4, 5), lines(4, 5), False),
        (lines(1, 2, 3), lines(2, 3, 4), lines(4), False),
        (lines(1, 2, 3), lines(1, 2, 3), b"", False),
        (lines(1, 2, 3), lines(4, 5), lines(4, 5), True),
        (lines(1, 2, 3), b"", b"", False),
        (b"", lines(1), lines(1), False),
        (b"tick\n" * 3, b"tick\n" * 5, b"tick\n" * 2, False),
        (lines(1, 1, 2), lines(1, 1, 2, 1, 2), lines(1, 2), False),
        (lines(1), lines(1) + b"half a li", b"", False),
        (lines(1) + b"half a li", lines(1) + b"half a line\n", b"half a line\n", False),
    ],
)
def test_what_is_known_is_left_out(before: bytes, now: bytes, new: bytes, is_apart: bool) -> None:
    found = log_overlap.beyond(now, log_overlap.begin(before, NOON), NOON)
    assert (found.content, found.is_apart) == (new, is_apart)


@given(st.integers(0, 300), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=6))
def test_asked_again_and_again_each_line_comes_once(first: int, rounds: list[tuple[int, int]]) -> None:
    content = lines(*range(first))
    seen = log_overlap.begin(content, NOON)
    for added, forgotten in rounds:
        fresh = lines(*range(first, first + added))
        first += added
        # What is asked for begins later each time, but not behind what is known.
        content = b"".join((content + fresh).splitlines(True)[-(added + max(1, 30 - forgotten)) :])
        found = log_overlap.beyond(content, seen, NOON + timedelta(seconds=1))
        assert found.content == fresh
        seen = log_overlap.read_cursor(log_overlap.write_cursor(found.seen)) or seen


def test_more_than_can_be_asked_for_says_so(tmp_path: Path) -> None:
    program = "import sys; print(open(sys.argv[1]).read(), end='')"
    path = tmp_path / "shop.log"
    path.write_bytes(lines(*range(5)))
    source = LogCommand("shop", [sys.executable, "-c", program, str(path)])
    excerpt = source.tail(None, PLENTY)
    path.write_bytes(lines(*range(50)))
    few = source.follow(excerpt.cursor, 30)
    assert (few.content, few.gap) == (lines(47, 48, 49)[-24:], "more was written than was asked for")
    path.write_bytes(b"".join(b"line %d %s\n" % (number, b"x" * 2000) for number in range(3000)))
    much = source.follow(few.cursor, PLENTY)
    assert "more was written" in much.gap


def test_a_source_that_fails_can_be_tried_again(tmp_path: Path) -> None:
    deployer: list[FakeDeployer] = [FakeDeployer(())]
    deployer[0].log = lines(1)
    source = DeployerLog("pods", lambda: deployer[0] if deployer else None)
    excerpt = source.tail(None, PLENTY)
    assert excerpt.content == lines(1)
    taken = deployer.pop()
    failed = source.follow(excerpt.cursor, PLENTY)
    assert (failed.cursor, "no deployer is configured" in failed.failure) == (excerpt.cursor, True)
    taken.log = lines(1, 2)
    deployer.append(taken)
    assert source.follow(failed.cursor, PLENTY).content == lines(2)


UNREAD: list[LogSource] = [
    LogFile("shop", "/no/such/directory/shop.log"),
    LogFile("shop", "/no/such/directory/*.log"),
    LogCommand("shop", ["andon-no-such-program"]),
]


@pytest.mark.parametrize("source", UNREAD, ids=["file", "pattern", "command"])
def test_what_cannot_be_read_says_why_when_followed(source: LogSource) -> None:
    for cursor in ("", "nonsense"):
        assert source.follow(cursor, PLENTY).failure
