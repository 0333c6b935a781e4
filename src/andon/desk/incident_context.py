"""What an incident says about where its cause may lie, for whoever judges a fix of it."""

from __future__ import annotations

from andon.errors import AndonError
from andon.response.culprits import frames_in
from andon.response.guard.context import IncidentContext
from andon.response.traces import trace_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.desk.ports import Desk
    from andon.incident.state import Incident

#: Names of each kind that are told, pieces of evidence that are read, and characters of each.
_NAMES, _PIECES, _READ = 60, 12, 1 << 18
#: Lines of a log that can belong to one trace.
_TRACE = 60
#: What may hold a trace: logs, and what people pasted.
_TEXTS = ("log", "note", "report", "trace", "text")


def incident_context(desk: Desk, incident: Incident) -> IncidentContext:
    """Return the files and functions in its traces, its failing probes and signatures, and its culprit.

    Evidence or a commit that cannot be read is left out: a context says where to look, it allows nothing.
    """
    findings = incident.assessment.broken if incident.assessment else ()
    signatures = [f.sign for f in findings if f.source == "log"]
    told = [*signatures, *(f.symptom for f in findings), *(i.summary for i in incident.impacts)]
    texts = [*told, *_evidence(desk, incident)]
    probes = [f.sign for f in findings if f.source == "probe"]
    words = [*probes, *(i.sign for i in incident.impacts), *(f.component for f in findings), *signatures]
    return IncidentContext(
        files=_first(frames_in(texts)),
        symbols=_first(_functions(texts)),
        words=_first(words),
        culprit_files=_first(_culprit_files(desk, incident)),
    )


def _first(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name.strip()))[:_NAMES]


def _evidence(desk: Desk, incident: Incident) -> list[str]:
    texts = []
    kept = [e for e in incident.evidence if e.kind in _TEXTS and e.media_type.startswith("text/")]
    for piece in kept[-_PIECES:]:
        try:
            content = desk.evidence.get(piece.evidence).content
        except AndonError:
            continue
        texts.append(content[-_READ:].decode("utf-8", "replace"))
    return texts


def _functions(texts: Iterable[str]) -> list[str]:
    """Return the functions that signatures (`KeyError in shop/orders.py:place`) and traces name."""
    found = []
    for text in texts:
        lines = text.split("\n")
        for line in lines[:2000]:
            _, is_in, place = line.partition(" in ")
            _, colon, name = place.partition(":")
            if is_in and colon and name.replace(".", "").replace("_", "").isalnum() and "/" not in name:
                found.append(name)
        starts = [n for n, line in enumerate(lines) if "Traceback (most recent" in line or "panic: " in line]
        for start in starts[-_PIECES:]:
            trace = trace_in(lines[start : start + _TRACE])
            if trace is not None and trace.frame:
                found.append(trace.frame.rpartition(":")[2])
    return found


def _culprit_files(desk: Desk, incident: Incident) -> list[str]:
    """Return the files that the commit changed which broke it, as far as a search has found it."""
    if incident.culprit is None:
        return []
    files: list[str] = []
    for commit in incident.culprit.commits[-5:]:
        try:
            files += desk.repository.changed_files(f"{commit}~1", commit)
        except AndonError:
            continue
    return files
