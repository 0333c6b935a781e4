"""Where the values of leaked secrets are kept while somebody works on the leak: in one private directory."""

from __future__ import annotations

from andon.errors import NotFound
from andon.incident.leaking import leak_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential

    class LeakRoom(Protocol):
        """A private directory for each leak; never in a repository, never in a journal."""

        #: This machine, for people.
        host: str

        def place(self, incident: str) -> str:
            """Return the directory of an incident's leak, made when there is none; raises Unavailable."""

        def keep(self, incident: str, credentials: Sequence[Credential]) -> None:
            """Keep credentials beside those that are there, each once; raises Unavailable."""

        def credentials(self, incident: str) -> tuple[Credential, ...]:
            """Return what is kept, () for nothing; raises Unavailable for what cannot be read."""

        def values(self) -> tuple[bytes, ...]:
            """Return every value that is kept here, of any incident: nothing that is stored may hold one."""

        def forget(self, incident: str) -> bool:
            """Remove the values; True when they are gone, or were never there."""


def known_credentials(desk: Desk, state: Incident) -> tuple[Credential, ...]:
    """Return the leaked credentials with their values; raises NotFound when not all are on this machine."""
    leak = leak_of(state)
    kept = {c.mark: c for c in desk.leak_room.credentials(state.id)}
    missing = [c for c in leak.credentials if c.mark not in kept]
    if missing:
        told = ", ".join(f"{c.kind} {c.mark}" for c in missing)
        where = ", ".join(host for host in leak.hosts if host != desk.leak_room.host)
        if leak.cleaned is not None:
            raise NotFound(
                f"the clean-up removed the value of {told}",
                where=state.id,
                rule="leak-room",
                remedy=f"give it again: andon leak start --help, with -i {state.id}",
            )
        raise NotFound(
            f"this machine does not have the value of {told}; values stay on the machine they are given on"
            + (f": {where}" if where else ""),
            where=state.id,
            rule="leak-room",
            remedy=f"go on there; or give them again here: andon leak start --value -i {state.id}",
        )
    return tuple(kept[c.mark] for c in leak.credentials)
