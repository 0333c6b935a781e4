"""What both databases have in common: batches to rows, rows to recorded events, and the guards before."""

from __future__ import annotations

import os

from andon.desk.kept_values import Appended
from andon.errors import Conflict, InvalidInput
from andon.incident.codec import decode, encode, moment, timestamp, type_of
from andon.incident.recorded import Recorded
from andon.incident.words import CommandId, EventId
from andon.journal.chain import link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.incident.recorded import Batch
    from andon.journal.chain import Row

#: Longest name of a stream, a command or an actor, in characters.
LONGEST_NAME = 300


class Draft:
    """A checked and encoded batch that waits for its place in a stream."""

    __slots__ = ("bodies", "ids", "stream")

    def __init__(self, stream: str, batch: Batch) -> None:
        """Encode `batch` and give its events identities; raises InvalidInput for what cannot be stored."""
        _check_name("stream", stream)
        _check_name("command id", batch.command)
        _check_name("actor", batch.actor)
        at = timestamp(batch.at)
        self.stream = stream
        self.bodies = [
            (type_of(event), at, batch.actor, batch.command, _stored(encode(event))) for event in batch.events
        ]
        self.ids = [os.urandom(16).hex() for _ in batch.events]

    def placed(self, length: int, head: str) -> list[Row]:
        """Return the rows as they follow an event number `length` with the hash `head`."""
        rows: list[Row] = []
        for identity, body in zip(self.ids, self.bodies, strict=True):
            length += 1
            head = link(head, self.stream, (length, identity, *body))
            rows.append((length, identity, *body, head))
        return rows


def guard(stream: str, length: int, expected: int | None) -> None:
    """Raise Conflict when the stream no longer has the length on which a decision was based."""
    if expected is not None and expected != length:
        raise Conflict(
            f"somebody else was faster: {expected} events were expected, there are {length}",
            where=stream,
            rule="expected-length",
            remedy="look at what happened with `andon timeline`, then give the command again",
        )


def answer(stream: str, batch: Batch, rows: list[Row]) -> Appended:
    """Return what is told to somebody whose batch was recorded as `rows`."""
    return Appended(
        recorded=tuple(
            Recorded(
                stream=stream, seq=row[0], id=EventId(row[1]), at=batch.at, actor=batch.actor,
                command=batch.command, event=event, hash=row[7],
            )
            for event, row in zip(batch.events, rows, strict=True)
        )
    )  # fmt: skip


def recorded(stream: str, rows: Iterable[Row]) -> tuple[Recorded, ...]:
    """Return stored rows as events; raises InvalidInput, naming the event, for one that cannot be read."""
    return tuple(_recorded(stream, row) for row in rows)


def _recorded(stream: str, row: Row) -> Recorded:
    seq, identity, kind, at, actor, command, data, chained = row
    try:
        return Recorded(
            stream=stream, seq=seq, id=EventId(identity), at=moment(at), actor=actor,
            command=CommandId(command), event=decode(kind, data), hash=chained,
        )  # fmt: skip
    except (InvalidInput, TypeError, ValueError) as problem:
        raise InvalidInput(
            f"event {seq} cannot be read: {problem}",
            where=stream,
            rule="readable-history",
            remedy=f"andon audit {stream}",
        ) from problem


def _check_name(what: str, name: str) -> None:
    is_fit = name.isprintable() or not any(map(_is_unfit, name))
    if not name or len(name) > LONGEST_NAME or not is_fit:
        raise InvalidInput(
            f"this cannot be a {what}: {name[:80]!r}",
            where=what,
            rule="printable-name",
            remedy=f"use 1 to {LONGEST_NAME} characters in UTF-8, without control characters",
        )


def _is_unfit(character: str) -> bool:
    """True for control characters and for halves of surrogate pairs."""
    return character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff"


def _stored(data: str) -> str:
    """Return `data` if every database can keep it: UTF-8 without NUL, which rules out half characters."""
    at = data.find("\0")
    try:
        data.encode()
    except UnicodeEncodeError as problem:
        at = problem.start
    if at >= 0:
        raise InvalidInput(
            f"the text holds bytes that are not UTF-8 text, after {data[max(0, at - 20) : at]!r}",
            rule="utf-8",
            remedy="give it in UTF-8, or attach it as evidence: andon evidence add FILE",
        )
    return data
