"""A log as it comes, in pieces of any size, to the messages and errors in it, counted by windows of time.

Most of a log is calm and alike. Only what may be severe is read line by line; the rest is counted by its
shape, many lines at once. Memory is bounded whatever comes: a line without end, a new shape every line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import accumulate

from andon.response.entries import (
    IN_TRACE,
    JSON_WIDTH,
    LINES,
    continues,
    entries_of,
    may_continue,
    read_line,
    written_at,
)
from andon.response.kinds import Tally, kind_of, shown, speaks_of_trouble, template
from andon.response.shapes import masked
from andon.response.windows import Counting, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from andon.response.entries import Entry

#: Kinds of errors and shapes of messages that are told apart; what comes later is counted only.
KINDS, SHAPES = 1000, 5000
#: Forms of a line (with every digit alike) whose reading is remembered; then all are forgotten.
_REMEMBERED = 20_000
#: Bytes that are worked on at once, and lines that share a window when their first and last one do.
_PIECE, _BLOCK = 1 << 20, 256
#: Blocks without any moment after which only the first lines of a block are asked for one.
_PATIENCE, _ASKED = 8, 4

#: Every digit is alike for what a message is about, so that few different lines are left.
_ALIKE = bytes.maketrans(b"023456789", b"1" * 9)
#: Without one of these (in lower case) a line is neither severe nor part of a trace...
_WORDS = (
    b"err", b"fatal", b"crit", b"severe", b"panic", b"emerg", b"alert", b"exception", b"traceback",
    b"unhandled", b"uncaught", b"out of memory", b"oom", b"segmentation", b"segfault", b"core dumped",
    b"deadlock", b"goroutine ", b"caused by", b" at ", b"\tat ", b"e1111 ", b"f1111 ",
)  # fmt: skip
#: ... except where a number says so: an answer of a server, a level of pino, of syslog or the system journal.
_NUMBERS = (b'" 111', b'level":', b'lvl":', b'severity":', b'priority":', b'@l":', b"<1")
_IS_BAD = re.compile(
    rb'" 5\d\d\b|(?i:level|lvl|severity|priority|@l)\w*":\s*"?(?:[0-3]\b|[5-9]\d|\d{3})|<\d{1,3}>'
)


class _Known:
    """What a line is, whatever its digits are."""

    __slots__ = (
        "continues", "is_hot", "is_troubling", "may_continue", "needs_number", "opens", "shape", "verdict"
    )  # fmt: skip

    def __init__(
        self, shape: str, continues: bool, may_continue: bool, opens: bool, is_troubling: bool
    ) -> None:
        self.shape, self.continues, self.is_troubling = shape, continues, is_troubling
        #: True when it may belong to the message before it, and when the line after it may belong to it.
        self.may_continue, self.opens = may_continue, opens
        self.is_hot = self.needs_number = False
        #: The kind of error it is as a message of one line: "" for none, None when it was not read yet.
        self.verdict: str | None = None


class Signatures:
    """Takes a log piece by piece and counts what it says.

    `starts` are the moments at which the windows begin, in order; what was written before the first belongs
    to none. Without `starts` there is one window for everything. For the others see `moments.moment_of`.
    """

    def __init__(
        self, starts: Sequence[datetime] = (), zone_minutes: int = 0, near: datetime | None = None
    ) -> None:
        """Begin with an empty log."""
        self._starts, self._zone, self._near = list(starts), zone_minutes, near
        self._windows = [Counting() for _ in self._starts] or [Counting()]
        self._undated = self._windows[0] if not self._starts else Counting()
        self._known: dict[bytes, _Known] = {}
        self._by_shape: dict[bytes, tuple[str, bool, bool, bool, bool]] = {}
        self._shapes: set[str] = set()
        self._troubling: set[str] = set()
        self._rest = b""
        self._is_endless = False
        self._held: list[bytes] = []
        self._last: datetime | None = None
        self._newest: datetime | None = None
        self._blocks = 0
        self._is_closed = False

    @property
    def is_dated(self) -> bool:
        """True when some message says when it was written."""
        return self._newest is not None

    @property
    def newest(self) -> datetime | None:
        """The latest moment that the log names."""
        return self._newest

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the log, ending anywhere."""
        for at in range(0, len(chunk), _PIECE):
            self._feed(chunk[at : at + _PIECE])

    def close(self) -> tuple[Window, ...]:
        """Return the windows in order; where no message is dated, one window with everything."""
        if not self._is_closed:
            self._is_closed = True
            self._work(self._rest.split(b"\n"), is_last=True)
        if self._starts and self.is_dated:
            return tuple(window.told(self._troubling) for window in self._windows)
        return (self._undated.told(self._troubling),)

    def _feed(self, piece: bytes) -> None:
        if self._is_endless:
            end = piece.find(b"\n")
            if end < 0:
                return
            piece, self._is_endless = piece[end:], False
        end = piece.rfind(b"\n")
        if end < 0:
            self._rest += piece
        else:
            whole, self._rest = self._rest + piece[:end], piece[end + 1 :]
            self._work(whole.split(b"\n"), is_last=False)
        if len(self._rest) > JSON_WIDTH:  # a line without end: its beginning is enough
            self._rest, self._is_endless = self._rest[:JSON_WIDTH], True

    def _work(self, fresh: list[bytes], *, is_last: bool) -> None:
        lines = self._held + [line[:JSON_WIDTH] for line in fresh]
        self._held = []
        if not is_last:
            begun = self._begin(lines, len(lines) - 1, 0)
            if len(lines) - begun <= LINES:  # its continuation may come with the next piece
                self._held = lines[begun:]
                del lines[begun:]
        if not lines:
            return
        keys = b"\n".join(lines).translate(_ALIKE).split(b"\n")
        self._learn(set(keys))
        before = self._last
        self._count(lines, keys)
        self._read_hot(lines, keys, before)

    # -- calm lines, many at once ----------------------------------------------------------------------

    def _learn(self, forms: set[bytes]) -> None:
        """Find out what the lines are whose form was not seen before."""
        if len(self._known) + len(forms) > _REMEMBERED:
            self._known.clear()
            self._by_shape.clear()
        keys = [form for form in forms if form not in self._known]
        if not keys:
            return
        joined = b"\n".join(keys)
        for key, form in zip(keys, masked(joined).split(b"\n"), strict=True):
            told = self._by_shape.get(form)
            if told is None:
                told = self._by_shape[form] = _shape_of(key)
            self._known[key] = _Known(*told)
        lowered = joined.lower()
        begins = list(accumulate((len(key) + 1 for key in keys), initial=0))
        for word in _WORDS:
            for number in _having(lowered, word, begins):
                self._known[keys[number]].is_hot = True
        for word in _NUMBERS:
            for number in _having(lowered, word, begins):
                self._known[keys[number]].needs_number = True

    def _count(self, lines: list[bytes], keys: list[bytes]) -> None:
        """Count all lines by their window and shape."""
        for begin in range(0, len(lines), _BLOCK):
            block = range(begin, min(begin + _BLOCK, len(lines)))
            self._blocks += 1
            asked = block if self.is_dated or self._blocks <= _PATIENCE else block[:_ASKED]
            first = next((at for n in asked if (at := self._moment(lines[n])) is not None), None)
            last = first
            if first is not None:
                last = next(
                    (at for n in reversed(block) if (at := self._moment(lines[n])) is not None), first
                )
                self._newest = max(self._newest or first, first, last or first)
            window = self._window(first or self._last)
            if first is None or self._window(last) is window:
                self._add(window, Counter(keys[begin : block.stop]))
                if window is not None:
                    window.seen(first)
                    window.seen(last)
            else:
                self._count_singly(lines, keys, block)
            self._last = last or self._last

    def _count_singly(self, lines: list[bytes], keys: list[bytes], block: range) -> None:
        """Count a block in which a window ends."""
        at = self._last
        for number in block:
            at = self._moment(lines[number]) or at
            window = self._window(at)
            self._add(window, {keys[number]: 1})
            if window is not None:
                window.seen(at)

    def _add(self, window: Counting | None, counts: dict[bytes, int], sign: int = 1) -> None:
        if window is None:
            return
        shapes = window.shapes
        for key, count in counts.items():
            known = self._known[key]
            if known.continues:
                continue
            window.lines += sign * count
            name = known.shape
            if name not in self._shapes:
                if len(self._shapes) >= SHAPES:
                    continue
                self._shapes.add(name)
            if known.is_troubling:
                self._troubling.add(name)
            shapes[name] = shapes.get(name, 0) + sign * count

    def _window(self, at: datetime | None) -> Counting | None:
        """Return the window of a moment; None before the first. What nobody dated is kept apart."""
        if not self._starts:
            return self._windows[0]
        if at is None:
            return self._undated
        number = bisect_right(self._starts, at) - 1
        return self._windows[number] if number >= 0 else None

    def _moment(self, line: bytes) -> datetime | None:
        return written_at(line, self._zone, self._near)

    # -- what may be severe, line by line --------------------------------------------------------------

    def _read_hot(self, lines: list[bytes], keys: list[bytes], last: datetime | None) -> None:
        known = [self._known[key] for key in keys]
        done = 0
        for number, one in enumerate(known):
            if number < done or not (one.is_hot or (one.needs_number and _IS_BAD.search(lines[number]))):
                continue
            if self._is_alone(known, number) and self._recognised(one, lines[number]):
                continue
            begun = self._begin(lines, number, done)
            last = self._before(lines, done, begun) or last
            for entry, start, end in entries_of(lines, self._zone, self._near, start=begun, last=last):
                done = end
                last = entry.at or last
                name = self._enter(entry, keys[start:end])
                if end == start + 1 and not known[start].needs_number:
                    known[start].verdict = name
                if end > number:
                    break

    def _is_alone(self, known: list[_Known], number: int) -> bool:
        """Say whether a line is a message of one line for sure."""
        one = known[number]
        if one.may_continue or one.opens or (number and known[number - 1].opens):
            return False
        return number + 1 == len(known) or not known[number + 1].may_continue

    def _recognised(self, one: _Known, line: bytes) -> bool:
        """Count a message of one line by what was found before on such a line; False when it must be read."""
        if not one.verdict:
            return one.verdict == ""
        at = self._moment(line)
        window = self._window(at)
        if at is None or (window is not None and not window.counts_again(one.verdict, at)):
            return False
        if window is not None and one.shape in window.shapes:
            window.shapes[one.shape] -= 1
        self._newest = max(self._newest or at, at)
        return True

    def _begin(self, lines: list[bytes], number: int, least: int) -> int:
        """Return where the message begins that a line may belong to."""
        line = read_line(lines[number]) if number >= least else None
        while line is not None and number > least:
            before = read_line(lines[number - 1])
            if lines[number].strip() and not may_continue(line, before):
                break
            line, number = before, number - 1
        return max(number, least)

    def _before(self, lines: list[bytes], least: int, begun: int) -> datetime | None:
        """Return the moment that a message without one inherits; None when no line from `least` on says."""
        if not self.is_dated or self._moment(lines[begun]) is not None:
            return None
        return next((at for n in range(begun - 1, least - 1, -1) if (at := self._moment(lines[n]))), None)

    def _enter(self, entry: Entry, keys: list[bytes]) -> str | None:
        """Count a message that may be severe, and no longer count its lines for themselves.

        Returns the name of its kind, "" when it is not severe, None when it was written before all windows.
        """
        window = self._window(entry.at)
        if entry.is_dated and entry.at is not None:
            self._newest = max(self._newest or entry.at, entry.at)
        if window is None:
            return None
        window.seen(entry.at)
        self._add(window, Counter(keys[1:]), -1)
        found = kind_of(entry)
        if found is None:
            return ""
        name, line, trace = found
        known = self._known[keys[0]]
        if known.continues:
            window.lines += 1
        elif known.shape in window.shapes:
            window.shapes[known.shape] -= 1
        window.severe += 1
        tally = window.kinds.get(name)
        if tally is None:
            if len(window.kinds) >= KINDS:
                window.others += 1
                return name
            tally = window.kinds[name] = Tally(name, shown(line))
        tally.add(entry, trace)
        return name


def _having(text: bytes, word: bytes, begins: list[int]) -> list[int]:
    """Return the numbers of the lines that hold a word."""
    found = []
    at = text.find(word)
    while at >= 0:
        number = bisect_right(begins, at) - 1
        found.append(number)
        at = text.find(word, begins[number + 1])
    return found


def _shape_of(key: bytes) -> tuple[str, bool, bool, bool, bool]:
    """Return the shape of a line and how it stands to the lines around it; see `_Known`."""
    line = read_line(key)
    opens = line.bare.startswith(IN_TRACE)
    name = template(line.text.partition("\n")[0])
    return (
        name,
        continues(line),
        may_continue(line, None),
        opens,
        not line.level and speaks_of_trouble(line.text),
    )
