"""What a person can do to a flag when Andon cannot reach the system that has it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk


def by_hand(desk: Desk, key: str, variant: str) -> str:
    """Return how somebody gives everybody one variant of a flag without Andon, for the configured system."""
    config = desk.config.flag_system
    where = f"in its environment {config.environment}" if config.environment else "there"
    wanted = variant or "the safe variant"
    match config.system:
        case "file":
            return f"by hand: in {config.file}, give {key} the defaultVariant {wanted} and no targeting"
        case "andon" if config.file and not config.server:
            return f"by hand: in {config.file}, give {key} the defaultVariant {wanted} and no targeting"
        case "unleash":
            return f"by hand: switch {key} off {where}: {config.server}"
        case "launchdarkly":
            return f"by hand: turn the targeting of {key} off {where}, so that it serves {wanted}"
        case _:
            return (
                "programs keep what they have until the flag server runs: start it as it was started, then "
                "this command again (andon doctor); for what cannot wait: andon decide"
            )
