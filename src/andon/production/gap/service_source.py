"""Which endpoints of an outside service the source asks where it answers the failing request."""

from __future__ import annotations

from andon.production.gap.source_mentions import mentions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.failure import Failure
    from andon.production.gap.services import Service


def asked_there(root: str, service: Service, failure: Failure) -> frozenset[str]:
    """Return those whose path stands there; where paths are put together elsewhere, all that stand nowhere.

    Nothing when the source is not known to ask the service there, or is too large to be looked at.
    """
    literals = {name: _literal(name) for name in service.pairs.production.endpoints}
    words = {service.variable, *literals.values()} - {""}
    if not failure.endpoint or not words:
        return frozenset()
    found = mentions(root, words, failure.endpoint)
    beside = frozenset(name for name, literal in literals.items() if literal in found.beside_endpoint)
    if beside or service.variable not in found.beside_endpoint:
        return beside
    return frozenset(name for name, literal in literals.items() if literal not in found.keys)


def _literal(endpoint: str) -> str:
    """Return the path up to the first identity in it; "" for none to speak of."""
    path = endpoint.partition(" ")[2].partition("{}")[0].rstrip("/")
    return path if len(path) > 2 else ""
