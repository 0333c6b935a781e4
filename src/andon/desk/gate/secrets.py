"""Is it free of secrets? Looks at whole files, their names, messages and the name of the branch.

Of a range each commit is looked at by itself: what one adds and the next removes is in the history for good.
Of a finding its kind, place, layers and mark are told. What could not be read is never clean.
"""

from __future__ import annotations

from andon.desk.gate.secret_reading import CLOSED, NOT_READ, SecretSearch
from andon.errors import Unavailable
from andon.incident.words import counted
from andon.response.gates.results import Objection, failed, passed, surest_first, unknown
from andon.response.gates.table import Point
from andon.secrets.finding import Tier
from andon.secrets.gate import IN_THE_NAME, finds_its_canary
from andon.secrets.views import LIMITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.desk.gate.context import GateContext
    from andon.desk.gate.secret_exceptions import Excepted
    from andon.desk.gate.secret_reading import Sighting
    from andon.desk.ports import Desk
    from andon.response.gates.results import RuleResult

RULE = "secrets"
#: Findings that are told; the rest is counted.
_TOLD = 100
#: Seconds after which nothing more is begun: where a person waits, and where a machine does.
PATIENCE, PATIENCE_ON_A_SERVER = 60.0, 900.0
_SERVERS = (Point.CI, Point.PRE_RECEIVE, Point.SHIP)
_STAGED = (
    "take it out of the file, then: git add; a whole file: git rm --cached FILE; was it ever pushed:"
    " andon leak start; no secret at all: andon secrets except --help"
)
_MESSAGE = "write the message without it"
_COMMITS = (
    "take it out of the commit itself: git rebase --interactive; replace the secret by a new one;"
    " was it ever pushed: andon leak start; no secret at all: andon secrets except --help"
)
_LEFT_OUT = "commit what is in it unpacked, in smaller files or in several pushes; a reviewed one may stay: "
_EXCEPT = "andon secrets except --help"


def check(context: GateContext) -> RuleResult:
    """Object to every secret that comes in; raises Unavailable when the engine finds nothing at all."""
    if not finds_its_canary():
        raise Unavailable(
            "the search for secrets does not find its own canary", rule=RULE, remedy="install Andon again"
        )
    patience = PATIENCE_ON_A_SERVER if context.point in _SERVERS else PATIENCE
    search = SecretSearch(context.desk, LIMITS, patience)
    if context.point is Point.COMMIT_MSG:
        search.words(_bytes(context.asked.message), "the message")
        return _answer(context, search, _MESSAGE)
    for name in dict.fromkeys((context.asked.branch, context.asked.target.removeprefix("refs/heads/"))):
        search.words(_bytes(name), "the name of the branch or tag")
    search.words(_bytes(context.asked.message), "the tag")
    search.changes(context.each_commit())
    return _answer(context, search, _COMMITS if context.asked.head else _STAGED)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _answer(context: GateContext, search: SecretSearch, remedy: str) -> RuleResult:
    read = search.read_so_far
    if not search.sightings and not search.left_out:
        return passed(RULE, f"none in {read}" if read else "none")
    from andon.desk.gate.secret_exceptions import without_excepted

    sorted_out = without_excepted(context, search.sightings)
    return judged(context.desk, sorted_out, read, remedy, search.left_out)


def judged(desk: Desk, found: Excepted, read: str, remedy: str, left_out: int = 0) -> RuleResult:
    """Return what follows from what was seen: no for a secret, else "cannot say" for what was not read."""
    unread = [s for s in found.left if s.finding.kind == NOT_READ]
    names = hidden_names(desk, found.left)
    objections = surest_first(objection(desk, s, names) for s in found.left if s.finding.kind != NOT_READ)
    notes = _notes(desk, found)
    if left_out or (unread and not any(not o.is_hint for o in objections)):
        told = [f"{s.finding.path or s.place}: {s.why}" for s in unread[:3]]
        told += [f"and {len(unread) - 3} more"] if len(unread) > 3 else []
        told += [f"time was up before {counted(left_out, 'file')} could be read"] if left_out else []
        return unknown(RULE, "; ".join([*told, *_shown(objections), *notes]), _LEFT_OUT + _EXCEPT)
    if not objections:
        return passed(RULE, "; ".join((f"none in {read}" if read else "none", *notes)))
    evidence = "; ".join([*_shown(objections), *notes])
    return failed(RULE, evidence, remedy, tuple(objections[:_TOLD]))


def _shown(objections: Sequence[Objection]) -> list[str]:
    shown = [f"{o.place}: {o.text}" if o.path else o.text for o in objections[:3]]
    if len(objections) > 3:
        shown[-1] += f" and {len(objections) - 3} more"
    return shown


def _notes(desk: Desk, found: Excepted) -> list[str]:
    """Return what is told beside the answer: who answers for what, and which exceptions do not count."""
    told = [
        f"excepted: {called(s.finding.kind)} {desk.redactor.mark(s.finding.sealed.value)} in {e.path},"
        f" by {e.owner} until {e.until}"
        for s, e in found.excepted[:10]
    ]
    if len(found.excepted) > 10:
        told.append(f"{len(found.excepted) - 10} more are excepted")
    problems = found.problems
    return [*told, *problems[:3]] + [f"{len(problems) - 3} more such lines"] * (len(problems) > 3)


def hidden_names(desk: Desk, sightings: Sequence[Sighting]) -> dict[str, str]:
    """Return what is shown for names, of files and of entries in archives, that hold a secret themselves."""
    shown: dict[str, str] = {}
    for finding in (s.finding for s in sightings if s.finding.kind.endswith(IN_THE_NAME)):
        layer = next((layer for layer in finding.how if " entry " in layer), "")
        name = layer or finding.path
        value = finding.sealed.value.decode("utf-8", "backslashreplace")
        marker = f"[secret {desk.redactor.mark(finding.sealed.value)}]"
        plain = shown.get(name, name).replace(value, marker)
        shown[name] = (
            plain if plain != name else f"{layer.partition(' entry ')[0]} entry {marker}" if layer else marker
        )
    return shown


def objection(desk: Desk, sighting: Sighting, names: Mapping[str, str]) -> Objection:
    """Return what is told of a sighting; nothing in it shows any part of a value.

    `names` are shown in place of those that hold a secret.
    """
    from andon.desk.redacting import redacted

    finding = sighting.finding
    mark = desk.redactor.mark(finding.sealed.value)
    path = redacted(desk, names.get(finding.path, finding.path)) if finding.path else ""
    layers = " in ".join(names.get(layer, layer) for layer in reversed(finding.how))
    inside = f" (commit {sighting.commit[:10]})" if sighting.commit and finding.path else ""
    place = f" in {sighting.place}" if sighting.place else ""
    if finding.kind in (NOT_READ, CLOSED):
        text = f"cannot be read{place}: {redacted(desk, sighting.why)}{inside}"
    else:
        line = f", line {finding.line}" if sighting.place and finding.line > 1 else ""
        how = f", written as {redacted(desk, layers)}" if layers else ""
        text = f"{called(finding.kind)} {mark}{place}{line}{how}{inside}"
    return Objection(
        rule=RULE,
        path=path,
        line=finding.line if path else 0,
        end_line=finding.line if path else 0,
        text=text,
        snippet=f"{finding.kind} {mark}",
        is_hint=finding.tier is Tier.REVIEW or finding.kind == CLOSED,
    )


def called(kind: str) -> str:
    """Return a kind of secret in words."""
    names = {
        "assignment": "the value of a password or key",
        "environment-file": "a file with the settings of an environment",
        "key-file": "a file with a key",
    }
    return names.get(kind, f"a secret ({kind})")
