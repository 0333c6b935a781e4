"""The ban list of a repository: what was purged from it, and is refused when somebody brings it back."""

from __future__ import annotations

import os

from andon.errors import InvalidInput, NotFound
from andon.record import Record, replace
from andon.secrets.bans import Ban, can_be_banned, hash_of, notes_of, read_bans, words_of, write_bans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from andon.desk.ports import Desk

#: Bytes of a key: as many as BLAKE2b makes use of here.
_KEY = 32


class Banned(Record):
    """What was put on the list."""

    #: The file of the list.
    place: str
    #: How many objects and values are new on it, and how many there are now.
    objects: int
    values: int
    total: int
    #: Values that are too short or too much like a word: these are only banned by their objects.
    left_out: int = 0


def ban(
    desk: Desk,
    objects: Iterable[str],
    values: Iterable[bytes],
    tell: Callable[[str], None],
    *,
    why: str = "",
) -> Banned:
    """Put objects, by their whole id, and values on the list; what is on it stays as it is.

    A value is kept as a keyed hash, and so is its base64; escapes of URLs and JSON do not hide it. `tell`
    hears, by its mark, of each value that cannot be told from an ordinary word. Raises InvalidInput for what
    is no object id and for a broken list, Unavailable when it cannot be written.
    """
    since, reason = f"{desk.clock.now():%Y-%m-%d}", " ".join(why.split())
    known = list_of(desk)
    key = bytes.fromhex(next((b.key for b in known if b.key), "")) or os.urandom(_KEY)
    new = [_object(identity, since, reason) for identity in dict.fromkeys(objects)]
    left_out = 0
    for value in dict.fromkeys(values):
        mark = desk.redactor.mark(value)
        if not can_be_banned(value):
            left_out += 1
            tell(f"the value {mark} is too much like a word: what held it is banned, the value is not")
            continue
        new += [_value(form, key, mark, since, reason) for form in _forms(value)]
    total, added = _merge(desk, known, new)
    return Banned(
        place=desk.bans.place,
        objects=sum(one.kind == "object" for one in added),
        values=_values(added),
        total=total,
        left_out=left_out,
    )


def take_over(desk: Desk, text: str) -> Banned:
    """Add what another list says, as `export` gives it; raises InvalidInput for what is none, Unavailable."""
    try:
        new = read_bans(text)
    except ValueError as problem:
        raise InvalidInput(
            "this is none of a ban list",
            where=f"line {problem}",
            rule="banned",
            remedy="andon leak ban --export, where the leak was purged, makes one",
        ) from problem
    total, added = _merge(desk, list_of(desk), new)
    return Banned(
        place=desk.bans.place,
        objects=sum(one.kind == "object" for one in added),
        values=_values(added),
        total=total,
    )


def list_of(desk: Desk) -> tuple[Ban, ...]:
    """Return what is banned here; raises InvalidInput for a broken list, Unavailable."""
    try:
        return read_bans(desk.bans.read())
    except ValueError as problem:
        raise InvalidInput(
            "this line is none of a ban list",
            where=f"{desk.bans.place}:{problem}",
            rule="banned",
            remedy="look at it, and take the line out",
        ) from problem


def export(desk: Desk) -> str:
    """Return the list for another repository: as secret as passwords, since values can be guessed from it."""
    return write_bans(list_of(desk))


def lift(desk: Desk, subject: str, reason: str) -> tuple[Ban, ...]:
    """Take off the list what begins with `subject` (an id, a hash) or has it as its mark; with a reason.

    Raises InvalidInput without a reason, NotFound, Unavailable. Who lifted what, and why, stays in the file.
    """
    told = " ".join(reason.split())
    if not told:
        raise InvalidInput(
            "why it may come back is missing",
            where="andon gate lift",
            rule="usage",
            remedy=f'andon gate lift {subject[:12]} --reason "why"',
        )
    known = list_of(desk)
    gone = tuple(one for one in known if _is_called(one, subject))
    if not gone:
        raise NotFound(f"nothing on the ban list is called {subject[:64]!r}", remedy="andon gate ban")
    note = f"# lifted {desk.clock.now():%Y-%m-%d} by {' '.join(desk.actor.split())}: {subject} ({told})"
    kept = [one for one in known if one not in gone]
    desk.bans.write(write_bans(kept, (*notes_of(desk.bans.read()), note)))
    return gone


def _values(bans: Iterable[Ban]) -> int:
    """Return how many values there are: one has several forms."""
    return len({one.mark or one.subject for one in bans if one.kind == "value"})


def _is_called(one: Ban, subject: str) -> bool:
    return one.mark == subject or (len(subject) >= 6 and one.subject.startswith(subject))


def _object(identity: str, since: str, why: str) -> Ban:
    if len(identity) not in (40, 64) or any(letter not in "0123456789abcdef" for letter in identity):
        raise InvalidInput(
            "an object is banned by its whole id",
            where=identity[:64],
            rule="banned",
            remedy=f"git rev-parse {identity[:12]}",
        )
    return Ban(kind="object", subject=identity, since=since, why=why)


def _forms(value: bytes) -> tuple[bytes, ...]:
    """Return the value as its words may stand somewhere."""
    from binascii import b2a_base64

    whole = b2a_base64(value, newline=False)
    found = {words_of(form): form for form in (value, whole, whole.translate(_URL_SAFE))}
    return tuple(found.values())


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _value(form: bytes, key: bytes, mark: str, since: str, why: str) -> Ban:
    words = words_of(form)
    return Ban(
        kind="value",
        subject=hash_of(words, key),
        key=key.hex(),
        words=len(words),
        mark=mark,
        since=since,
        why=why,
    )


def _merge(desk: Desk, known: Sequence[Ban], new: Iterable[Ban]) -> tuple[int, list[Ban]]:
    """Write both; return how many there are now, and what was not there before."""
    subjects = {(one.kind, one.subject) for one in known}
    added = [one for one in new if (one.kind, one.subject) not in subjects]
    added = [replace(one, why=one.why[:200]) for one in added]
    if added:
        desk.bans.write(write_bans((*known, *added), notes_of(desk.bans.read())))
    return len(known) + len(added), added
