"""The parity check: does the tests' world still share with production what a gap once came from."""

from __future__ import annotations

from andon.desk.gap.consent import Consents
from andon.desk.redacting import shown
from andon.desk.team_files import path_in, read_text
from andon.errors import AndonError, NotFound
from andon.gaps.artefacts.reading import read_artefacts
from andon.gaps.experiment import Observed
from andon.gaps.failure import Failure
from andon.gaps.prevention.parity import NAME, check, read_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports import Desk
    from andon.gaps.prevention.parity import Checked, Fact
    from andon.gaps.words import Kind

#: Seconds for a look at both worlds.
_LOOK = 60.0


def check_parity(desk: Desk, consents: Sequence[str] = ()) -> tuple[Checked, ...]:
    """Return each fact with whether it holds. No world is built; hosts are asked with consent only.

    The tests' world alone is looked at first; both worlds where that does not tell, or where production may
    have been mended instead. Raises NotFound without a file of facts, InvalidInput for one that is none.
    """
    text = read_text(path_in(desk.config.root, NAME))
    if text is None:
        raise NotFound(
            "there are no facts to check",
            where=NAME,
            rule="gap-parity",
            remedy="andon gap finds what differs, and andon gap prevent --write makes facts of it",
        )
    facts = read_facts(text)
    found = {fact: check(fact, None, _here(desk, fact)) for fact in facts}
    open_ = [
        fact for fact, one in found.items() if not one.holds and (one.holds is None or fact.least is None)
    ]
    looked = _look(desk, {fact.kind for fact in open_}, Consents(consents)) if open_ else {}
    for fact in open_:
        both = check(fact, looked.get(fact.kind), None)
        if both.holds is not None or found[fact].holds is None:
            found[fact] = both
    return tuple(shown(desk, found[fact]) for fact in facts)


def _here(desk: Desk, fact: Fact) -> str | None:
    return desk.gap_works.tests_have(fact.kind, fact.place, fact.production, in_number=fact.least is not None)


def _look(desk: Desk, kinds: set[Kind], may: Consents) -> dict[Kind, Observed]:
    base = desk.config.gap.directory
    paths = [path_in(desk.config.root, f"{base}/{one}" if base else one) for one in desk.config.gap.artefacts]
    beliefs = read_artefacts(paths, desk.redactor)
    deadline = desk.clock.monotonic() + _LOOK
    try:
        with desk.gap_works.open(Failure(), beliefs, (), consent=may, deadline=deadline) as laboratory:
            return {one.kind: one for one in laboratory.observe(tuple(kinds))}
    except AndonError as problem:
        return {kind: Observed(kind=kind, problems=(str(problem),)) for kind in kinds}
