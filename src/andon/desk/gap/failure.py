"""How production failed, for a search: what the command line says, else the incident's failing smoke test."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from andon.errors import InvalidInput, NotFound
from andon.gaps.failure import Failure
from andon.incident.words import Verdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.config.model import Config
    from andon.config.model_production import ProbeConfig
    from andon.incident.parts import Finding, ProbeOutcome
    from andon.incident.state import Incident

#: The status with which a smoke test's answer begins.
_STATUS = re.compile(r"^(\d{3}) in \d+ ms")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Told(Record):
    """What the command line says of the failure."""

    url: str = ""
    method: str = ""
    body: str = ""
    content_type: str = ""
    status: int = 0
    text: str = ""
    absent: str = ""
    slower_than: float = 0.0
    #: The smoke test to take the request from.
    probe: str = ""


def failure_of(config: Config, state: Incident | None, told: Told) -> Failure:
    """Return the failure; what is told goes before what the incident knows.

    Raises InvalidInput where nobody says how production failed, NotFound for an unknown smoke test.
    """
    known = _by_probe(config, state, told.probe) if told.probe or not told.url else Failure()
    if told.url:
        known = replace(known, path=_path(told.url), source="the command line")
    elif not known.path and not told.probe and state is not None:
        known = _by_log(state)
    more = {
        "method": _method(told.method),
        "body": told.body,
        "content_type": told.content_type,
        "status": told.status,
        "text": told.text,
        "absent": told.absent,
        "slower_than": told.slower_than,
    }
    found = replace(known, **{field: value for field, value in more.items() if value})
    if not found.is_told:
        raise InvalidInput(
            "nobody said how production failed, so nothing can be recognised",
            where=state.id if state is not None else "andon gap",
            rule="gap-failure",
            remedy='andon gap --url /path --status 500, or --text "what the page or the log said"; '
            "of an incident, andon assess finds it",
        )
    return found if found.source else replace(found, source="the command line")


def in_words(failure: Failure) -> str:
    """Return the failure as one line."""
    parts = [f"{failure.method} {failure.path}"] if failure.path else []
    if failure.status:
        parts.append(f"answers {failure.status}")
    if failure.text:
        parts.append(f"says {failure.text[:120]!r}")
    if failure.absent:
        parts.append(f"lacks {failure.absent[:120]!r}")
    if failure.slower_than:
        parts.append(f"takes longer than {failure.slower_than:g} s")
    return ", ".join(parts)


def _by_probe(config: Config, state: Incident | None, name: str) -> Failure:
    """Return the failure that a smoke test shows; an empty one where none does."""
    if name and not any(probe.name == name for probe in config.smoke):
        known = ", ".join(probe.name for probe in config.smoke) or "none"
        raise NotFound(
            f"there is no smoke test {name!r}; configured are: {known}",
            where=config.path or config.root,
            rule="gap-failure",
            remedy="andon gap --from-probe NAME",
        )
    symptoms = _symptoms(state)
    chosen = [probe for probe in config.smoke if probe.url and (probe.name == name if name else True)]
    for probe in chosen:
        if probe.name in symptoms or name:
            return _of_probe(probe, symptoms.get(probe.name, ""))
    return Failure()


def _symptoms(state: Incident | None) -> dict[str, str]:
    """Return what each failing smoke test of the incident said, the newest look last."""
    if state is None:
        return {}
    found: dict[str, str] = {}
    broken: Sequence[Finding] = state.assessment.broken if state.assessment is not None else ()
    found.update({one.sign: one.symptom for one in broken if one.source == "probe"})
    seen: Sequence[ProbeOutcome] = getattr(state.verification, "probes", ()) if state.verification else ()
    for outcome in seen:
        if outcome.verdict is Verdict.FAILED and outcome.name not in found:
            found[outcome.name] = outcome.summary
    return found


def _of_probe(probe: ProbeConfig, symptom: str) -> Failure:
    seen = _STATUS.match(symptom)
    status = int(seen.group(1)) if seen else 0
    passes = status in probe.status if probe.status else 200 <= status < 300
    failure = Failure(
        method=probe.method,
        path=_path(probe.url),
        body=probe.body,
        content_type=next((v for k, v in probe.headers if k.lower() == "content-type"), ""),
        source=f"smoke test {probe.name}",
    )
    if status and not passes:
        return replace(failure, status=status)
    if probe.text:
        return replace(failure, absent=probe.text)
    if probe.max_latency and "expected within" in symptom:
        return replace(failure, slower_than=probe.max_latency / 1000)
    return failure


def _by_log(state: Incident) -> Failure:
    """Return the failure by what the log says loudest; an empty one where the log said nothing."""
    broken = state.assessment.broken if state.assessment is not None else ()
    sign = next((one for one in broken if one.source == "log"), None)
    if sign is None:
        return Failure()
    return Failure(text=sign.symptom.partition(" x ")[2] or sign.sign, source=f"log of {sign.component}")


def _path(url: str) -> str:
    split = urlsplit(url)
    path = split.path if split.path.startswith("/") else f"/{split.path}"
    return f"{path}?{split.query}" if split.query else path


def _method(text: str) -> str:
    if text and text.upper() not in _METHODS:
        raise InvalidInput(
            f"{text[:20]!r} is not a method",
            where="--method",
            rule="usage",
            remedy=f"one of {', '.join(_METHODS)}",
        )
    return text.upper()
