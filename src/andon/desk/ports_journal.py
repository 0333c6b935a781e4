"""What a record takes: journal, evidence, redactor, clock, ids. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from andon.desk.values import Appended, AuditReport, Blob, Head, Stored
    from andon.incident.events import Event
    from andon.incident.policy import People
    from andon.incident.recorded import Batch, Recorded
    from andon.incident.words import CommandId, EvidenceHash


class Journal(Protocol):
    """Append-only streams of events, hash-chained, durable before `append` returns.

    A stream is an incident's id, or `service` for the ledger of deployments.
    """

    #: Where it is, for people; never with a password.
    place: str

    def append(self, stream: str, batch: Batch) -> Appended:
        """Record all events of the batch or none, in order, at the end of the stream.

        A batch whose command id is known already is not recorded again: the first answer is returned with
        `repeated=True`. Raises Conflict when `batch.expected` is given and the stream has another length;
        Unavailable when the journal cannot be written (locked, read-only, full, broken).
        """

    def read(self, stream: str) -> tuple[Recorded, ...]:
        """Return the stream's events in order; empty for an unknown stream. Raises Unavailable."""

    def heads(self) -> tuple[Head, ...]:
        """Return every stream's name and length, in the order in which the streams began."""

    def newest(self, types: Sequence[str]) -> dict[str, str]:
        """Return, per stream, the newest event type among `types`; one query, however long the history."""

    def read_types(self, stream: str, types: Sequence[str]) -> tuple[Recorded, ...]:
        """Return the stream's events of these types in order; the others are not even decoded."""

    def recall(self, command: CommandId) -> Appended | None:
        """Return what was recorded under a command id before, None when nothing was."""

    def claim_number(self) -> int:
        """Return a number that no other caller ever gets from this journal: 1, 2, 3, ..."""

    def audit(self, stream: str) -> AuditReport:
        """Recompute the chain and name the first event that was altered, removed or put in."""

    def close(self) -> None:
        """Release the connection."""


class EvidenceStore(Protocol):
    """Content-addressed blobs. What is stored has passed the redactor and the size limit."""

    def put(self, content: bytes, media_type: str) -> Stored:
        """Store `content` (redacted, cut to the limit) durably; the same content is stored once."""

    def get(self, evidence: EvidenceHash) -> Blob:
        """Return a stored blob; raises NotFound."""

    def damaged(self) -> tuple[EvidenceHash, ...]:
        """Return the hashes whose content no longer matches them."""

    def hashes(self) -> tuple[EvidenceHash, ...]:
        """Return every stored hash."""


class Redactor(Protocol):
    """The one seam through which text passes before it is stored, sent or shown."""

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return the content without known secrets and how many were replaced. Idempotent."""

    def redact_stream(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what `redact` makes of the whole, however it was cut into pieces, in bounded memory.

        What is yielded never ends inside of a marker.
        """

    def redact_words(self, text: str) -> str:
        """Return a short text without secrets, at hardly any cost when it plainly holds none.

        Never fails: where the known values cannot be read, what a secret looks like is still known.
        """

    def mark(self, value: bytes) -> str:
        """Return the six digits by which a secret is called here; the same for the same secret."""

    def know(self, values: Sequence[bytes]) -> None:
        """Take more values that are secret, from now on."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Ids(Protocol):
    """New identities."""

    def new(self) -> str:
        """Return 32 hexadecimal digits that nobody had before."""


class JournalDesk(Protocol):
    """A desk at which things are recorded, in somebody's name."""

    @property
    def journal(self) -> Journal:
        """The event store."""

    @property
    def evidence(self) -> EvidenceStore:
        """The evidence store."""

    @property
    def redactor(self) -> Redactor:
        """The seam that knows this service's secrets."""

    @property
    def clock(self) -> Clock:
        """What time it is."""

    @property
    def ids(self) -> Ids:
        """New identities."""

    @property
    def actor(self) -> str:
        """Who gives the command."""

    @property
    def command(self) -> CommandId:
        """Given by the caller to make a repeated command one command, else new."""

    @property
    def people(self) -> People:
        """Who may decide."""

    def append(
        self,
        stream: str,
        events: Sequence[Event],
        expected: int | None = None,
        command: CommandId | None = None,
    ) -> Appended:
        """Record events in the name of the actor, now; `command` replaces the id of the given command.

        What follows from an act is recorded under an id made from the act's own, so that it is recorded once
        however often it is tried.
        """

    def history(self, stream: str) -> tuple[Recorded, ...]:
        """Return a stream's events."""
