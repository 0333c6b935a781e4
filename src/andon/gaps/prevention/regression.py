"""The entry of the regression log that a gap leaves. Pure."""

from __future__ import annotations

from andon.gaps.prevention.asking import one_line
from andon.gaps.prevention.explaining import where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.failure import Failure
    from andon.gaps.prevention.explaining import Explanation
    from andon.gaps.verdict import Search


def fields(
    search: Search, failure: Failure, explanation: Explanation, *, test: str, paths: Sequence[str]
) -> dict[str, str]:
    """Return the fields of the entry; `test` is `PATH::NAME`, `paths` what was written besides."""
    verdict = search.verdict
    asked = f"{failure.method} {failure.path}" if failure.path else "The journey"
    places = " and ".join(
        where(kind, place)
        for kind, place in zip(verdict.kinds, (verdict.place, *verdict.other_places), strict=False)
    )
    guards = ", ".join(paths) or "the test that goes with it"
    return {
        "symptom": one_line(f"{asked} {_failed(failure)} in production while the tests passed", 300),
        "root_cause": one_line(f"{asked} fails by {places or verdict.answer}: {verdict.summary}", 300),
        "incorrect_behaviour": one_line(explanation.why, 300),
        "correct_solution": one_line(f"{asked} answers as it should with {places or 'this input'} too", 300),
        "enforced_path": one_line(guards, 300),
        "prevention_mechanism": one_line(explanation.catch, 300),
        "test": test,
    }


def _failed(failure: Failure) -> str:
    if failure.status:
        return f"answered {failure.status}"
    if failure.text:
        return f"showed {failure.text[:80]!r}"
    if failure.absent:
        return f"lacked {failure.absent[:80]!r}"
    return f"took longer than {failure.slower_than:g} s"
