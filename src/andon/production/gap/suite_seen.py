"""What any run of a suite tells before its tests are looked at: requests, pictures, conditions, its end."""

from __future__ import annotations

from andon.gaps.suite import SuiteRan
from andon.production.gap.suite_room import out_of_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.experiment import Conditions
    from andon.production.gap.suite_lines import Lines
    from andon.production.process import Finished


def seen_in(lines: Lines, conditions: Conditions, done: Finished, patience: float) -> SuiteRan:
    """Return what a run showed, without its tests; with a problem when it did not end by itself."""
    return SuiteRan(
        exchanges=lines.exchanges,
        pictures=lines.pictures,
        fastest_document=lines.fastest_document,
        seconds=done.seconds,
        not_applied=not_applied(conditions, lines),
        unread=lines.unread,
        problem=out_of_time(done, patience) or done.failure,
    )


def not_applied(conditions: Conditions, lines: Lines) -> tuple[str, ...]:
    """Return which conditions the browsers were not given, and why."""
    if not (conditions.latency or conditions.down or conditions.up):
        return ()
    if lines.unslowed:
        return tuple(f"a page was not slowed down (only Chromium's can be): {why}" for why in lines.unslowed)
    return () if lines.slowed else ("no page of a browser was opened, so none was slowed down",)
