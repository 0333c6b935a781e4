"""The rule `no-feature`: a hotfix brings nothing that could not be used before."""

from __future__ import annotations

from andon.incident.words import counted
from andon.response.gates.results import RuleResult, at_most, failed, passed, surest_first
from andon.response.guard.feature_signs import (
    NO_FEATURE,
    flag_defaults,
    gone_definitions,
    new_attributes,
    new_definitions,
    new_libraries,
    new_migrations,
    new_settings,
    new_symbols,
    new_ways_in,
    pipelines,
    wider_signatures,
)
from andon.response.guard.reading import MOST_NAMED
from andon.response.guard.uses import called

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.gates.results import Objection
    from andon.response.guard.likeness import Difference
    from andon.response.guard.reading import Sides
    from andon.response.guard.uses import Uses


def judge_features(files: Sequence[Sides], difference: Difference, uses: Uses) -> RuleResult:
    """Look for new public names, ways in, libraries, migrations, flags and changes of the pipeline."""
    found: list[Objection] = [*new_symbols(difference, uses), *new_ways_in(files), *new_settings(files)]
    calls = called(files)
    gone = gone_definitions(files)
    for sides in files:
        for sign in (new_libraries, new_migrations, pipelines, flag_defaults, new_attributes):
            found.extend(sign(sides))
        found.extend(new_definitions(sides, gone))
        found.extend(wider_signatures(sides, calls))
    if not found:
        return passed(
            NO_FEATURE, "nothing that could not be used before: no new public name, route or library"
        )
    remedy = "move what is new to a commit after the incident, or justify it"
    return failed(NO_FEATURE, told(found, "a feature"), remedy, at_most(MOST_NAMED, surest_first(found)))


def told(found: Sequence[Objection], what: str) -> str:
    """Return how many signs of something were found, and how many of them only hint at it."""
    hints = sum(one.is_hint for one in found)
    weak = "" if not hints else ", only hints" if hints == len(found) else f", {hints} only a hint"
    return f"{counted(len(found), 'sign')} of {what}{weak}"
