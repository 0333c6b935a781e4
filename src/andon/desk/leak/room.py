"""The values of leaked secrets, which only the machine has on which they were given."""

from __future__ import annotations

from andon.errors import NotFound
from andon.incident.leaking import leak_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential


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
