"""Standard output and error that never stop a command half-way: a reader that left or a full disk is noted.

Whoever pipes `andon rollback` into `head` must not thereby interrupt the rollback.
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Channel(io.FileIO):
    """A descriptor to which writing never fails; from the first failure on, what is written is gone."""

    #: Why what was written is lost; None when nothing was, or when only the reader had seen enough.
    failure: OSError | None = None

    def write(self, content: Any) -> int:
        """Write, or give up for good; returns the number of bytes that count as written."""
        try:
            return super().write(content)
        except BrokenPipeError:
            pass
        except OSError as problem:
            self.failure = problem
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        return len(content)


def open_streams() -> tuple[Channel, Channel]:
    """Put channels under standard output and error and return them; closed descriptors lead nowhere.

    A closed descriptor would be given to the next file that is opened, and that may be the journal.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the whole process
    channels = (Channel(1, "wb", closefd=False), Channel(2, "wb", closefd=False))
    sys.stdout = _text(channels[0], sys.stdout)
    sys.stderr = _text(channels[1], sys.stderr)
    return channels


def _text(channel: Channel, like: Any) -> io.TextIOWrapper:
    """Return a text stream like the one it replaces that can say every character in some way."""
    return io.TextIOWrapper(
        io.BufferedWriter(channel),
        encoding=getattr(like, "encoding", None) or "utf-8",
        errors="backslashreplace",
        line_buffering=channel.isatty() or channel.fileno() == 2,
    )


def close_streams(channels: tuple[Channel, Channel], code: int) -> int:
    """Write what is left and return the exit code: 3 instead of 0 when the answer was lost."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    problem = channels[0].failure
    if problem is None:
        return code
    print(f"unavailable: the answer could not be written: {problem.strerror}", file=sys.stderr)
    print("  way out: what was recorded stays recorded: andon status", file=sys.stderr)
    return code or 3
