"""What works on when a command has ended. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from andon.desk.values import DeployReport


class DeployRunner(Protocol):
    """Carries out deployments in processes of their own, which outlive whoever started them."""

    #: Which operations directory this is; what another host's runner does cannot be seen from here.
    host: str

    def begin(self, incident: str, operation: str, actor: str) -> None:
        """Start the operation's deployment unless it ever was; raises Unavailable. Returns at once."""

    def phase(self, operation: str) -> str:
        """Return `new` (never started here), `running`, `ended` (there is a report) or `gone` (died)."""

    def report(self, operation: str) -> DeployReport | None:
        """Return how the deployment ended, None when it has not, or when nobody saw it."""

    def forbid(self, operation: str) -> bool:
        """Make sure that it never starts from here; False when it already has."""


class WorkersDesk(Protocol):
    """A desk that can have work carried on without it."""

    @property
    def worker_lock(self) -> str:
        """The file that a worker on this machine holds while it works on the service's journal."""

    @property
    def starts_workers(self) -> bool:
        """False where only workers that run already carry out what is approved."""

    def start_worker(self) -> int:
        """Start a process that carries out what is approved and then leaves; return its id, 0 for none."""
