"""Looking for secrets when somebody asks: in what is staged, a range, files, a whole history."""

from __future__ import annotations

from andon.desk.gate.secret_exceptions import Excepted, apart, exemptions_at, protected_tip
from andon.desk.gate.secret_reading import CLOSED, NOT_READ, SecretSearch, Sighting
from andon.desk.gate.secrets import hidden_names, judged, objection
from andon.errors import InvalidInput, NotFound, Unavailable
from andon.record import Record
from andon.response.gates.results import Objection, RuleResult
from andon.secrets.exceptions import Exemptions
from andon.secrets.finding import Tier
from andon.secrets.gate import Sealed, SecretFinding, finds_its_canary
from andon.secrets.views import LIMITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from andon.desk.ports import Desk
    from andon.response.findings.finding import Scan

#: Seconds for what somebody waits for at a terminal, and for a whole history.
PATIENCE, PATIENCE_FOR_A_HISTORY = 900.0, 24 * 3600.0
#: Commits of a range.
MOST_COMMITS = 100_000
_REMEDY = "put a new value in its place where it is used, then take it out: andon leak start"


class Told(Record):
    """One finding as it may be shown."""

    objection: Objection
    kind: str
    mark: str
    tier: Tier
    #: The layers in which it lies, outermost first.
    how: tuple[str, ...] = ()
    commit: str = ""
    #: Who answers for it and until when; "" for nobody.
    excepted: str = ""


class Scanned(Record):
    """What a search came to."""

    result: RuleResult
    told: tuple[Told, ...]
    sightings: tuple[Sighting, ...]
    files: int = 0
    commits: int = 0
    problems: tuple[str, ...] = ()


def begin(desk: Desk, patience: float = PATIENCE) -> SecretSearch:
    """Return a new search; raises Unavailable when it would find nothing in anything."""
    if not finds_its_canary():
        raise Unavailable(
            "the search for secrets does not find its own canary",
            rule="secrets",
            remedy="install Andon again",
        )
    return SecretSearch(desk, LIMITS, patience)


def look_at_staged(desk: Desk, search: SecretSearch) -> None:
    """Look at what a commit of the index would bring; raises NotFound outside a repository."""
    desk.ranges.default_branch()
    search.words(desk.ranges.branch().encode("utf-8", "backslashreplace"), "the name of the branch")
    search.changes((desk.changes.staged(),))


def look_at_range(desk: Desk, search: SecretSearch, spoken: str) -> None:
    """Look at each commit of `A..B`; raises InvalidInput, NotFound."""
    base, dots, head = spoken.partition("..")
    if not dots or base.endswith(".") or head.startswith("."):
        raise InvalidInput(
            f"{spoken[:80]!r} is no range", where="--range", rule="usage", remedy="--range main..HEAD"
        )
    commits = desk.changes.commits((base,) if base else (), head or "HEAD", MOST_COMMITS)
    search.changes(desk.changes.each(commits))


def look_at_files(search: SecretSearch, files: Iterable[tuple[str, Iterator[bytes]]]) -> None:
    """Look at contents under their paths."""
    for path, pieces in files:
        search.pieces(path, pieces)


def merge(search: SecretSearch, scans: Iterable[Scan]) -> None:
    """Take in what another tool found: its rule and place, never what it quotes.

    What the tool calls an error blocks; anything else a person looks at. What is on a line on which something
    was found already is the same thing. A tool that says that it failed has
    not looked, and that is told.
    """
    from andon.response.findings.finding import Grade

    own = {(s.finding.path, s.finding.line) for s in search.sightings if s.finding.line}
    for scan in scans:
        for problem in scan.problems:
            finding = SecretFinding(kind=NOT_READ, path="", sealed=Sealed(problem.encode()))
            search.sightings.append(
                Sighting(finding=finding, place=f"the answer of {scan.tool}", why=problem)
            )
        for one in scan.findings:
            if (one.path, one.line) in own:
                continue
            named = f"{scan.tool} {one.rule} {one.path} {one.line}"
            finding = SecretFinding(
                kind=f"{scan.tool}: {one.rule}",
                path=one.path,
                line=one.line,
                tier=Tier.BLOCK if one.grade.reaches(Grade.HIGH) and not one.is_silenced else Tier.REVIEW,
                sealed=Sealed(named.encode("utf-8", "backslashreplace")),
            )
            place = "" if one.path else f"a place that {scan.tool} does not tell"
            search.sightings.append(Sighting(finding=finding, place=place))


def finished(desk: Desk, search: SecretSearch) -> Scanned:
    """Return what follows from what was seen, with the exceptions of the protected branch."""
    excepted = Excepted(left=tuple(search.sightings))
    if any(s.finding.path for s in search.sightings):
        excepted = apart(search.sightings, _exemptions(desk))
    read = search.read_so_far
    names = hidden_names(desk, search.sightings)
    told = [_told(desk, s, names) for s in excepted.left]
    told += [_told(desk, s, names, f"{e.owner}, until {e.until}: {e.reason}") for s, e in excepted.excepted]
    return Scanned(
        result=judged(desk, excepted, read, _REMEDY, search.left_out),
        told=tuple(told),
        sightings=tuple(search.sightings),
        files=search.files,
        commits=search.commits,
        problems=excepted.problems,
    )


def _exemptions(desk: Desk) -> Exemptions:
    try:
        return exemptions_at(desk, protected_tip(desk), desk.clock.now().date())
    except NotFound:  # files outside of any repository
        return Exemptions()


def _told(desk: Desk, sighting: Sighting, names: dict[str, str], excepted: str = "") -> Told:
    finding = sighting.finding
    shown = objection(desk, sighting, names)
    return Told(
        objection=shown,
        kind=finding.kind,
        mark=desk.redactor.mark(finding.sealed.value),
        tier=Tier.REVIEW if finding.kind == CLOSED else finding.tier,
        how=tuple(names.get(layer, layer) for layer in finding.how),
        commit=sighting.commit,
        excepted=excepted,
    )


def sighted(desk: Desk, search: SecretSearch, fingerprint: str) -> Sighting:
    """Return what was seen under a fingerprint; raises NotFound."""
    names = hidden_names(desk, search.sightings)
    for sighting in search.sightings:
        if sighting.finding.path and objection(desk, sighting, names).fingerprint == fingerprint:
            return sighting
    raise NotFound(
        "nothing with this fingerprint is there now",
        where=fingerprint[:40],
        rule="secrets",
        remedy="andon secrets scan --staged shows the fingerprints; or name the range: --range main..HEAD",
    )


def look_at_history(
    desk: Desk,
    search: SecretSearch,
    *,
    unreachable: bool = False,
    tell: Callable[[int, int], None] | None = None,
) -> None:
    """Look at every object of the repository once, and at the names of its references."""
    listed = desk.changes.everything(unreachable=unreachable)
    for name in listed.names:
        search.words(name.encode("utf-8", "backslashreplace"), "the name of a branch, tag or other reference")
    from andon.desk.secret_history import HistorySearch  # only a whole history needs it

    HistorySearch(search, desk.changes, tell).look(listed.objects)
