"""What was purged and must not come back: objects by their id, values by a keyed hash of their words. Pure.

A value is hashed as the runs of letters and digits in it, so that quotes, escapes and line ends around or
inside it do not hide it. The key stands beside the hash: the file is as secret as a file of passwords.
"""

from __future__ import annotations

import re

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Letters and digits a value must have: a shorter one is a word, and words are everywhere.
SHORTEST = 8
#: Words of one value; one with more is known by its first.
_MOST_WORDS = 16
_WORD = rb"[A-Za-z0-9]+"
#: How a character that is no letter may be written: it separates words, as the character itself does.
_ESCAPED = rb"%[0-9A-Fa-f]{2}|\\(?:[nrt]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})"
_HEAD = (
    "# What andon refuses to let into this repository again. `andon gate ban` shows it, `andon gate lift`",
    "# takes something off. Keep it from others: a value can be guessed with what stands here.",
)


class Ban(Record):
    """One thing that is banned."""

    #: `object` or `value`.
    kind: str
    #: The id of a commit, a tag or a content; of a value its keyed hash.
    subject: str
    #: The key of a value's hash, in hexadecimal digits, and how many words it has.
    key: str = ""
    words: int = 0
    #: The digits by which the value is called everywhere else, "" for an object.
    mark: str = ""
    #: Day (YYYY-MM-DD) and reason, in one line.
    since: str = ""
    why: str = ""

    @property
    def told(self) -> str:
        """What it is, without what could be guessed."""
        name = self.subject[:10] if self.kind == "object" else self.mark or self.subject[:6]
        why = f" ({self.why})" if self.why else ""
        return f"{self.kind} {name}, banned since {self.since}{why}"


def read_bans(text: str) -> tuple[Ban, ...]:
    """Return what a list holds; raises ValueError with the number of a line that is none of ours."""
    found: dict[tuple[str, str], Ban] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        ban = _read(line)
        if ban is None:
            raise ValueError(number)
        found.setdefault((ban.kind, ban.subject), ban)
    return tuple(found.values())


def _read(line: str) -> Ban | None:
    kind, _, rest = line.partition(" ")
    if kind == "object":
        subject, since, why = [*rest.split(" ", 2), "", ""][:3]
        if len(subject) in (40, 64) and _is_hex(subject):
            return Ban(kind=kind, subject=subject, since=since, why=why)
    if kind == "value":
        words = rest.split(" ", 5)
        if len(words) >= 5 and _is_hex(words[0]) and _is_hex(words[1]) and words[2].isdecimal():
            subject, key, count, mark, since, why = [*words, ""][:6]
            mark = "" if mark == "-" else mark
            return Ban(kind=kind, subject=subject, key=key, words=int(count), mark=mark, since=since, why=why)
    return None


def _is_hex(text: str) -> bool:
    return bool(text) and len(text) % 2 == 0 and all(letter in "0123456789abcdef" for letter in text)


def write_bans(bans: Iterable[Ban], notes: Sequence[str] = ()) -> str:
    """Return the list as text; `notes` are kept as they are."""
    lines = [*_HEAD, *(note for note in notes if note not in _HEAD)]
    for ban in bans:
        if ban.kind == "object":
            told = f"object {ban.subject} {ban.since}"
        else:
            told = f"value {ban.subject} {ban.key} {ban.words} {ban.mark or '-'} {ban.since}"
        lines.append(f"{told} {ban.why}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def notes_of(text: str) -> tuple[str, ...]:
    """Return the lines of a list that are for people."""
    return tuple(line for line in text.splitlines() if line.startswith("#"))


def words_of(value: bytes) -> tuple[bytes, ...]:
    """Return the runs of letters and digits in a value, at most 16."""
    return tuple(re.findall(_WORD, re.sub(_ESCAPED, b" ", value))[:_MOST_WORDS])


def can_be_banned(value: bytes) -> bool:
    """True for a value that is told from an ordinary word: long enough, and not letters alone."""
    words = b"".join(words_of(value))
    return len(words) >= SHORTEST and not (words.isalpha() and len(words) < 20) and len(set(words)) >= 5


def hash_of(words: Sequence[bytes], key: bytes) -> str:
    """Return the keyed hash of words in a row (BLAKE2b, 128 bits)."""
    from _blake2 import blake2b

    return str(blake2b(b" ".join(words), key=key, digest_size=16).hexdigest())


class BannedValues:
    """Looks for banned values in contents."""

    def __init__(self, bans: Iterable[Ban]) -> None:
        """Take the list; what it says of objects is left to others."""
        self._wanted: dict[tuple[bytes, int], dict[str, Ban]] = {}
        for ban in bans:
            if ban.kind == "value":
                self._wanted.setdefault((bytes.fromhex(ban.key), ban.words), {})[ban.subject] = ban
        self._longest = max((count for _, count in self._wanted), default=0)

    def __bool__(self) -> bool:
        """True when there is anything to look for."""
        return bool(self._wanted)

    def found(self, pieces: Iterable[bytes]) -> tuple[Ban, ...]:
        """Return the bans whose value stands in a content that comes in pieces; also in UTF-16."""
        found: dict[str, Ban] = {}
        tail: tuple[bytes, ...] = ()
        for words in _words(pieces):
            row = (*tail, *words)
            for (key, count), wanted in self._wanted.items():
                for match in _matches(row, key, count, wanted):
                    found.setdefault(match.subject, match)
            tail = row[max(len(row) - self._longest + 1, 0) :] if self._longest > 1 else ()
        return tuple(found.values())


def _matches(row: Sequence[bytes], key: bytes, count: int, wanted: Mapping[str, Ban]) -> Iterator[Ban]:
    if count == 1:
        seen: Iterable[tuple[bytes, ...]] = ((word,) for word in set(row))
    else:
        seen = {tuple(row[first : first + count]) for first in range(len(row) - count + 1)}
    for words in seen:
        ban = wanted.get(hash_of(words, key))
        if ban is not None:
            yield ban


def _words(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the words of each piece; one that a piece cuts is kept whole, up to 64 KiB."""
    left = b""
    for piece in pieces:
        whole = left + piece.replace(b"\0", b"")
        end = re.search(rb"[%\\A-Za-z0-9]+\Z", whole[-(1 << 16) :])
        left = end.group() if end else b""
        words = re.findall(_WORD, re.sub(_ESCAPED, b" ", whole[: len(whole) - len(left)]))
        if words:
            yield words
    if left:
        yield [*words_of(left)]
