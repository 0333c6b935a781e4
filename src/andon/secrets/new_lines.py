"""What of a version of a file was not read in an earlier one, so that a history is read once. Pure."""

from __future__ import annotations

import re

from andon.secrets.views_archives import is_packed

#: Lines that are remembered of one file; of a file with more, they are read again.
MOST = 200_000
#: Bytes at the start of a content in which is what must stand at its place there: a tar, a zlib stream.
_START = 1 << 13
#: Bytes by which the place from where two versions differ may be too early.
_NEAR = 64
#: What goes over several lines and is a secret only as a whole.
_BLOCK = b"-----BEGIN"
#: Lines around a new one that are read with it, as long as each goes on from the one before.
_FURTHEST = 64
#: Bytes before the first difference and behind the last in which such lines are looked for.
_FAR = 4096
#: What stands around a piece of something encoded, and what a piece of bytes in hexadecimal is made of.
_AROUND = b" \t\r\"'`+#*/\\<>|,;:.()[]{}&-=_!"
_BYTES = b"0123456789abcdefABCDEFxX,:\t "
#: Where a text goes on from the line before, and how that one ends.
_GOING_ON = (b'"', b"'", b"`", b"+", b".", b"&", b"b'", b'b"', b"f'", b'f"')
_ENDING = (b"\\", b"+", b".", b"&", b"(", b'"', b"'", b"`", b"=", b":")


class NewLines:
    """The versions of one file, each with what is new in it.

    A line counts as read when it stood in a version before, wherever it was. The line before a new one is
    read with it when what is new may go on from there: a value under its name, the second half of a text.
    """

    def __init__(self) -> None:
        """Begin with a file of which nothing was read."""
        self._seen: set[bytes] = set()
        self._before = b""

    def of(self, content: bytes) -> bytes | None:
        """Return what is to be read of the next version; None for all of it, by itself.

        All of it is read of what is no text, of what is packed, and of what holds a block such as a key.
        """
        start, end = _differing(self._before, content)
        part = content[start:end]
        if b"\0" in part or _BLOCK in part or _may_be_packed(content, part):
            return (
                None  # and what comes next is compared with what was before, in which there is none of these
            )
        self._before = content
        if start >= end:
            return b""
        lines = part.split(b"\n")
        unique = set(lines)
        new = unique - self._seen
        if not new:
            return b""
        is_first = len(new) == len(unique)
        if len(self._seen) + len(new) > MOST:
            self._seen = set()
        self._seen |= new
        return part if is_first else b"\n".join(_with_beginnings(lines, new))


def around_news(old: bytes, new: bytes) -> bytes | None:
    """Return the lines that the version before had not, or had not together, with those they go on from.

    A secret may be in two lines, and encoded in many, of which only one is new; or come together where a line
    between was taken out. None for all of it, as in `NewLines`.
    """
    if any(b"\0" in one or _BLOCK in one or _may_be_packed(one, one) for one in (old, new)):
        return None
    most = min(len(old), len(new))
    same = _common(old, new, most)
    start = new.rfind(b"\n", 0, max(same - _FAR, 0)) + 1
    end = new.find(b"\n", len(new) - max(_common_end(old, new, most - same) - _FAR, 0))
    rest = len(new) - end if end >= 0 else 0  # before and behind, both are the same
    before = old[start : len(old) - rest].split(b"\n")
    lines = new[start : len(new) - rest].split(b"\n")
    together = set(zip([b"", *before], before, strict=False))
    fresh = [at for at, pair in enumerate(zip([b"", *lines], lines, strict=False)) if pair not in together]
    taken: list[bytes] = []
    done = 0
    for at in fresh:
        first, last = at, max(at, end - 1)  # what goes on from here was followed from the one before
        while first > max(done, at - _FURTHEST) and _goes_on(lines[first - 1], lines[first]):
            first -= 1
        while last + 1 < min(len(lines), at + _FURTHEST) and _goes_on(lines[last], lines[last + 1]):
            last += 1
        if first > done:
            taken.append(b"")  # what is not together in the file is not together here
        taken += lines[max(first, done) : last + 1]
        done = max(done, last + 1)
    return b"\n".join(taken)


def _goes_on(one: bytes, next_one: bytes) -> bool:
    return (
        b"alue" in next_one
        or next_one.lstrip().startswith(_GOING_ON)
        or one.endswith(_ENDING)
        or _is_piece(one)
        or _is_piece(next_one)
    )


def _is_piece(line: bytes) -> bool:
    """True for one word without blanks, or bytes in hexadecimal, whatever it is quoted or commented with."""
    core = line.strip(_AROUND)
    if not core or b" " not in core:
        return len(core) > 3 or not core
    return not core.translate(None, _BYTES)


def _may_be_packed(content: bytes, part: bytes) -> bool:
    """Say whether a content without zero bytes is packed, of which only `part`, in whole lines, is new.

    What is packed is hardly ever in ASCII alone. No mark of it goes over the end of a line, and where in
    the content it must stand is looked up there.
    """
    if content.startswith(b"%PDF") or (not part.isascii() and is_packed(part)):
        return True
    return not content.isascii() and is_packed(content[:_START])


def _differing(before: bytes, content: bytes) -> tuple[int, int]:
    """Return from where to where a version differs from the one before, in lines and one around them."""
    most = min(len(before), len(content))
    same = _common(before, content, most)
    if same == len(content) == len(before):
        return 0, 0
    tail = _common_end(before, content, most - same)
    start = content.rfind(b"\n", 0, max(content.rfind(b"\n", 0, same), 0)) + 1
    end = content.find(b"\n", len(content) - tail)
    end = content.find(b"\n", end + 1) if end >= 0 else -1
    return start, end if end >= 0 else len(content)


def _common_end(one: bytes, other: bytes, most: int) -> int:
    """Return how many bytes both end with, up to `most`; up to _NEAR less than it is."""
    low, step, ends = 0, 64, (len(one), len(other))
    while low < most:
        high = min(low + step, most)
        if one[ends[0] - high : ends[0] - low] == other[ends[1] - high : ends[1] - low]:
            low, step = high, step * 4
        elif high - low <= _NEAR:
            break
        else:
            step = (high - low) // 2
    return low


def _common(one: bytes, other: bytes, most: int) -> int:
    """Return how many bytes both begin with, up to `most`; up to _NEAR less than it is.

    By halves, since comparing is all but free. A line more that was read before does no harm.
    """
    low, step = 0, 64
    while low < most:
        high = min(low + step, most)
        if one[low:high] == other[low:high]:
            low, step = high, step * 4
        elif high - low <= _NEAR:
            break
        else:
            step = (high - low) // 2
    return low


def _with_beginnings(lines: list[bytes], new: set[bytes]) -> list[bytes]:
    """Return the new lines in their order, with the line before where one may go on from it."""
    taken: list[bytes] = []
    end = 0
    for place, line in enumerate(lines):
        if line not in new:
            continue
        if place > end:
            taken.append(b"")  # what is not together in the file is not together here
            before = lines[place - 1]
            if b"alue" in line or line.lstrip().startswith(_GOING_ON) or before.endswith(_ENDING):
                taken.append(before)
        taken.append(line)
        end = place + 1
    return taken


def names_in_tree(tree: bytes, id_bytes: int) -> list[bytes]:
    """Return the names in a raw tree, whose entries are `mode name`, a zero byte and an id."""
    entries = re.split(rb"\0(?s:.{%d})" % id_bytes, tree)
    return [entry.partition(b" ")[2] for entry in entries[:-1]]
