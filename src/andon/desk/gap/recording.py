"""Keeping a search: its beginning before anything else, its end with what it says of each kind."""

from __future__ import annotations

import json
import re

from andon.desk.gap.kept import plain_search
from andon.desk.looking import attachment
from andon.desk.recording import attach, record
from andon.desk.redacting import redacted, shown
from andon.errors import AndonError
from andon.gaps.words import Kind, Showed
from andon.incident.commands import RecordGap
from andon.incident.events import CaptureFailed, EvidenceAttached
from andon.incident.gap_events import GapSearchEnded, GapSearchStarted
from andon.incident.parts import GapLook
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports import Desk
    from andon.gaps.experiment import Observed
    from andon.gaps.verdict import Search
    from andon.incident.state import Incident
    from andon.incident.words import EvidenceHash

#: A text in JSON; and text of a page that stands in no tag, style or script.
_IN_JSON = re.compile(r'"(?:[^"\\]|\\.)*"')
_IN_HTML = re.compile(r"(?<=>)(?<!<style>)(?<!<script>)[^<]+(?=<)")
#: Where a search's evidence is said to come from.
SOURCE = "gap"


def begin(
    desk: Desk, state: Incident, search: str, failure: str, hosts: Sequence[str], consents: Sequence[str]
) -> Incident:
    """Record that a search begins, before anything is started."""
    event = GapSearchStarted(
        search=search,
        suite=" ".join(desk.config.gap.suite),
        failure=failure,
        hosts=tuple(hosts),
        consents=tuple(consents),
    )
    return record(desk, state, RecordGap(event=event))


def give_up(desk: Desk, state: Incident, search: str, why: str) -> Incident:
    """Record that a search came to no end."""
    return record(desk, state, RecordGap(event=GapSearchEnded(search=search, answer="given up", summary=why)))


def finish(desk: Desk, state: Incident, found: Search, page: str) -> Incident:
    """Record what a search came to, with the whole of it and its page as evidence."""
    kept: list[EvidenceAttached | CaptureFailed] = []
    whole = _stored(
        desk,
        json.dumps(shown(desk, plain_search(found)), indent=1),
        "application/json",
        "search for the gap",
        kept,
    )
    report = _stored(desk, page, "text/html", "report of the search for the gap", kept) if page else None
    verdict = found.verdict
    event = GapSearchEnded(
        search=found.id,
        answer=verdict.answer.value,
        kinds=tuple(kind.value for kind in verdict.kinds),
        place=verdict.place,
        tier=verdict.tier.value if verdict.tier else "",
        summary=verdict.summary,
        looks=tuple(look_of(found, kind) for kind in Kind),
        not_tried=verdict.not_tried,
        next_step=verdict.next_step,
        evidence=whole,
        report=report,
    )
    return attach(desk, record(desk, state, RecordGap(event=event)), kept)


def look_of(found: Search, kind: Kind) -> GapLook:
    """Return what a search says of one kind: unknown unless it was looked at or flipped."""
    if kind in found.verdict.kinds:
        return GapLook(
            kind=kind.value,
            verdict=Verdict.PASSED,
            is_to_blame=True,
            told=f"to blame: {found.verdict.summary}",
        )
    flip = next(
        (r for purpose, r in found.replays if purpose == "flip" and {p.kind for p in r.parts} == {kind}), None
    )
    if flip is not None and flip.showed in (Showed.PASSED, Showed.OTHER):
        what = "passes" if flip.showed is Showed.PASSED else "fails in another way"
        return GapLook(
            kind=kind.value,
            verdict=Verdict.PASSED,
            is_to_blame=False,
            told=f"not to blame: the tests' world with production's {kind} {what}",
        )
    seen = next((one for one in found.observed if one.kind is kind), None)
    if seen is not None and seen.looked:
        return GapLook(kind=kind.value, verdict=Verdict.PASSED, is_to_blame=False, told=_of_look(seen))
    why = "; ".join(seen.problems[:2]) if seen is not None and seen.problems else "it was not looked at"
    return GapLook(kind=kind.value, verdict=Verdict.UNKNOWN, is_to_blame=False, told=why)


def _of_look(seen: Observed) -> str:
    weighty = [d for d in seen.differences if d.weight >= 4]
    if weighty:
        return f"looked at: {len(weighty)} differences have to do with the failure; {weighty[0].summary}"
    return f"looked at, nothing of it has to do with the failure: {seen.looked}"


def _whole(desk: Desk, document: str, media_type: str) -> str:
    """Return a document of texts without secrets in a spelling that stays whole when it is redacted again.

    What looks like a header or a setting would be taken out to the end of its line, with the quotes and tags
    that follow. Spelled in the document's own way, colons and equals signs look like neither.
    """
    if redacted(desk, document) == document:
        return document
    if media_type == "application/json":
        colon, equals, texts = r"\u003a", r"\u003d", _IN_JSON
    else:
        colon, equals, texts = "&#58;", "&#61;", _IN_HTML
    return texts.sub(lambda one: one[0].replace(":", colon).replace("=", equals), document)


def _stored(
    desk: Desk,
    text: str,
    media_type: str,
    title: str,
    kept: list[EvidenceAttached | CaptureFailed],
) -> EvidenceHash | None:
    try:
        stored = desk.evidence.put(_whole(desk, text, media_type).encode("utf-8", "replace"), media_type)
    except AndonError as problem:  # what it came to goes on record all the same
        kept.append(CaptureFailed(source=title, reason=str(problem)))
        return None
    kept.append(attachment(stored, "report", title, SOURCE))
    return stored.evidence
