"""A watched log is read once and then goes on; what may be missing is a failure, and a failure can pass."""

from __future__ import annotations

import os
from pathlib import Path

from andon.desk.following import Followed
from andon.production.log_file import LogFile
from tests.fakes.production import FakeLogSource


class Counted(FakeLogSource):
    """Counts how much of it is read."""

    read = 0

    def tail(self, since, limit):  # type: ignore[no-untyped-def]
        found = super().tail(since, limit)
        self.read += len(found.content)
        return found

    def follow(self, cursor, limit):  # type: ignore[no-untyped-def]
        found = super().follow(cursor, limit)
        self.read += len(found.content)
        return found


def test_each_byte_is_read_once() -> None:
    source = Counted("shop", b"one\n")
    log = Followed(source, 1000)
    for line in (b"two\n", b"three\n", b"fo", b"ur\n"):
        log.excerpt()
        source.content += line
    assert log.excerpt().content == b"one\ntwo\nthree\nfour\n"
    assert log.excerpt().total_size == source.read == len(source.content)


def test_no_more_than_the_limit_is_kept_and_in_whole_lines() -> None:
    source = FakeLogSource("shop", b"first\n")
    log = Followed(source, 20)
    log.excerpt()
    source.content += b"line\n" * 30 + b"the end\n"
    kept = log.excerpt().content
    assert len(kept) <= 20
    assert kept == b"line\nline\nthe end\n"


def test_a_failure_passes_when_the_log_is_there_again() -> None:
    source = FakeLogSource("shop", failure="permission denied")
    log = Followed(source, 1000)
    assert log.excerpt().failure == "permission denied"
    source.failure, source.content = "", b"one\n"
    assert (log.excerpt().failure, log.excerpt().content) == ("", b"one\n")
    source.failure = "permission denied"
    assert (log.excerpt().failure, log.excerpt().content) == ("permission denied", b"one\n")
    source.failure, source.content = "", b"one\ntwo\n"
    assert (log.excerpt().failure, log.excerpt().content) == ("", b"one\ntwo\n")


def test_lines_over_a_rotation_stay_together_and_a_gap_is_told(tmp_path: Path) -> None:
    path = tmp_path / "shop.log"
    path.write_bytes(b"one\n")
    log = Followed(LogFile("shop", str(path)), 1000)
    log.excerpt()
    path.rename(f"{path}.1")
    path.write_bytes(b"two\n")
    found = log.excerpt()
    assert (found.content, found.failure) == (b"one\ntwo\n", "")
    assert found.touched_at is not None
    os.truncate(path, 0)
    assert "what was being read is gone" in log.excerpt().failure
    assert "what was being read is gone" in log.excerpt().failure
