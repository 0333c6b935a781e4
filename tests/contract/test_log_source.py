"""What every source of logs promises, in memory, from a file and from a command; and how odd a log can be."""

from __future__ import annotations

import gzip
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.desk.ports_production import LogSource
from andon.production.log_command import LogCommand
from andon.production.log_file import LogFile
from andon.response.logs import scan
from tests.fakes.production import FakeLogSource

LINES = b"".join(b"line %04d\n" % number for number in range(1000))
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)

Make = Callable[[bytes | None], LogSource]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.log"


@pytest.fixture(params=["fake", "file", "command"])
def make(request: pytest.FixtureRequest, path: Path) -> Make:
    """Make a source of some content; of one that cannot be read for None."""

    def fake(content: bytes | None) -> LogSource:
        return FakeLogSource("shop", content or b"", "" if content is not None else "not there")

    def file(content: bytes | None) -> LogSource:
        if content is not None:
            path.write_bytes(content)
        return LogFile("shop", str(path))

    def command(content: bytes | None) -> LogSource:
        file(content)
        program = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
        return LogCommand("shop", [sys.executable, "-c", program, str(path)])

    makers: dict[str, Make] = {"fake": fake, "file": file, "command": command}
    return makers[request.param]


def stamped(first: datetime, count: int, form: str = "%Y-%m-%dT%H:%M:%SZ") -> bytes:
    return b"".join(
        f"{first + timedelta(minutes=number):{form}} line {number}\n".encode() for number in range(count)
    )


# -- the contract ----------------------------------------------------------------------------------


def test_a_short_log_comes_whole(make: Make) -> None:
    excerpt = make(LINES).tail(None, 1 << 20)
    assert (excerpt.name, excerpt.content, excerpt.failure) == ("shop", LINES, "")
    assert excerpt.total_size == len(LINES)


def test_of_a_long_log_the_end_comes(make: Make) -> None:
    excerpt = make(LINES).tail(None, 1005)
    assert len(excerpt.content) <= 1005
    assert excerpt.content.endswith(b"line 0998\nline 0999\n")
    assert excerpt.total_size == len(LINES)


def test_an_empty_log_is_no_failure(make: Make) -> None:
    assert make(b"").tail(None, 100).failure == ""
    assert make(b"").tail(NOON, 100).content == b""


def test_what_cannot_be_read_says_why(make: Make) -> None:
    excerpt = make(None).tail(NOON, 100)
    assert excerpt.failure
    assert b"line" not in excerpt.content


def test_any_bytes_come_as_they_are(make: Make) -> None:
    content = bytes(range(256)) + b"\n\xff\xfe\n"
    assert make(content).tail(None, 1000).content == content


def test_lines_from_before_a_moment_are_left_out(make: Make) -> None:
    lines = stamped(NOON, 60)
    later = b"".join(lines.splitlines(keepends=True)[57:])
    assert make(lines).tail(NOON + timedelta(minutes=57), 1 << 20).content == later
    assert make(lines).tail(NOON + timedelta(days=1), 1 << 20).content == b""


# -- files -----------------------------------------------------------------------------------------


def test_without_moments_everything_comes(path: Path) -> None:
    path.write_bytes(LINES)
    assert LogFile("shop", str(path)).tail(NOON, 1 << 20).content == LINES


@pytest.mark.parametrize(
    "line",
    ['{{"time": "{0:%Y-%m-%dT%H:%M:%S}Z", "msg": "x"}}', '{{"ts": {1}, "msg": "x"}}', "{1}.5 x", "[{1}] x"],
)
def test_moments_of_every_kind_are_understood(path: Path, line: str) -> None:
    moments = [NOON + timedelta(minutes=number) for number in range(10)]
    lines = [(line.format(at, int(at.timestamp())) + "\n").encode() for at in moments]
    path.write_bytes(b"".join(lines))
    content = LogFile("shop", str(path)).tail(NOON + timedelta(minutes=8), 1 << 20).content
    assert content == b"".join(lines[8:])


def test_a_line_that_was_cut_is_left_out_unless_there_is_no_other(path: Path) -> None:
    path.write_bytes(LINES)
    assert LogFile("shop", str(path)).tail(None, 25).content == b"line 0998\nline 0999\n"
    path.write_bytes(b"x" * 1000)
    assert LogFile("shop", str(path)).tail(None, 25).content == b"x" * 25


def test_a_huge_line_is_not_read_whole(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)  # sparse: takes no room on the disk
        file.seek(0, os.SEEK_END)
        file.write(b"\nthe end\n")
    began = time.process_time()
    excerpt = LogFile("shop", str(path)).tail(None, 4096)
    assert time.process_time() - began < 1
    assert excerpt.content == b"the end\n"
    assert excerpt.total_size > 1 << 30


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "directory"),
        (lambda path: os.mkfifo(path), "a pipe"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
        (lambda path: path.symlink_to(path), "cannot be read"),
    ],
    ids=["missing", "directory", "pipe", "device", "loop"],
)
def test_what_is_no_log_file_says_so_at_once(path: Path, make: Callable[[Path], object], said: str) -> None:
    make(path)
    excerpt = LogFile("shop", str(path)).tail(None, 100)
    assert said in excerpt.failure
    assert str(path) in excerpt.failure
    assert excerpt.content == b""


def test_an_empty_name_is_a_failure_too() -> None:
    assert LogFile("shop", "").tail(None, 100).failure


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_says_so(path: Path) -> None:
    path.write_bytes(LINES)
    path.chmod(0)
    assert "may not be read" in LogFile("shop", str(path)).tail(None, 100).failure


def test_a_fresh_file_is_completed_from_its_predecessors(path: Path) -> None:
    path.write_bytes(b"newest\n")
    Path(f"{path}.1").write_bytes(b"newer\n")
    Path(f"{path}.2.gz").write_bytes(gzip.compress(b"old 1\nold 2\n") + gzip.compress(b"old 3\n"))
    Path(f"{path}.4").write_bytes(b"behind a gap\n")
    source = LogFile("shop", str(path))
    assert source.tail(None, 1000).content == b"old 1\nold 2\nold 3\nnewer\nnewest\n"
    assert source.tail(None, 20).content == b"old 3\nnewer\nnewest\n"
    assert source.tail(None, 7).content == b"newest\n"


def test_predecessors_are_left_alone_when_the_file_reaches_back_far_enough(path: Path) -> None:
    path.write_bytes(stamped(NOON, 10))
    Path(f"{path}.1").write_bytes(b"undated\n")
    content = LogFile("shop", str(path)).tail(NOON + timedelta(minutes=9), 1 << 20).content
    assert content == stamped(NOON, 10).splitlines(keepends=True)[9]


@pytest.mark.parametrize(
    "broken",
    [b"", b"no gzip at all", gzip.compress(b"cut\n" * 9999, mtime=0)[:40]],
    ids=["empty", "no gzip", "cut off"],
)
def test_a_broken_packed_predecessor_does_no_harm(path: Path, broken: bytes) -> None:
    path.write_bytes(b"newest\n")
    Path(f"{path}.1.gz").write_bytes(broken)
    excerpt = LogFile("shop", str(path)).tail(None, 1000)
    assert excerpt.failure == ""
    assert excerpt.content.endswith(b"newest\n")


def test_a_packed_predecessor_is_never_unpacked_into_memory(path: Path) -> None:
    path.write_bytes(b"newest\n")
    packed = gzip.compress(b"\0" * 50_000_000, compresslevel=1)
    Path(f"{path}.1.gz").write_bytes(packed)
    assert len(LogFile("shop", str(path)).tail(None, 1000).content) <= 1000


def test_the_zone_of_moments_without_one_follows_from_the_last_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Test-05:30")
    time.tzset()
    try:
        for zone, minutes in ((timedelta(0), 0), (timedelta(hours=5, minutes=30), 330)):
            path.write_bytes(stamped(NOON + zone, 10, "%Y-%m-%d %H:%M:%S,000"))
            last = (NOON + timedelta(minutes=9)).timestamp()
            os.utime(path, (last, last))
            excerpt = LogFile("shop", str(path)).tail(NOON + timedelta(minutes=5), 1 << 20)
            assert excerpt.zone_minutes == minutes
            assert excerpt.content.count(b"\n") == 5
            assert scan(excerpt.content, zone_minutes=excerpt.zone_minutes).first_at == NOON + timedelta(
                minutes=5
            )
    finally:
        monkeypatch.undo()
        time.tzset()


# -- commands --------------------------------------------------------------------------------------


def command(program: str, *arguments: str, timeout: float = 15.0) -> LogCommand:
    return LogCommand("shop", [sys.executable, "-c", program, *arguments], timeout=timeout)


def test_the_moment_is_filled_in() -> None:
    source = command("import sys; print(sys.argv[1:])", "--since={since}", "@{since_epoch}", "{other}")
    content = source.tail(NOON, 1000).content
    assert content == b"['--since=2024-05-01T12:00:00Z', '@1714564800', '{other}']\n"
    assert b"{since" not in source.tail(None, 1000).content


def test_a_command_that_fails_says_so_and_keeps_what_it_printed() -> None:
    excerpt = command("import sys; print('one line', flush=True); sys.exit('no such unit')").tail(None, 1000)
    assert "exit code 1" in excerpt.failure
    assert "no such unit" in excerpt.failure
    assert excerpt.content.startswith(b"one line\n")


def test_a_command_that_follows_the_log_is_stopped() -> None:
    program = "import time; print('line', flush=True); time.sleep(60)"
    excerpt = command(program, timeout=0.5).tail(None, 1000)
    assert "time limit" in excerpt.failure
    assert excerpt.content == b"line\n"


def test_a_missing_command_says_so() -> None:
    assert "no such program" in LogCommand("shop", ["andon-no-such-program"]).tail(None, 10).failure
    assert LogCommand("shop", []).tail(None, 10).failure
