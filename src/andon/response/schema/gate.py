"""The gate: five questions about a range of releases, and what the answers leave to do."""

from __future__ import annotations

from enum import StrEnum

from andon.incident.words import Verdict, counted
from andon.record import Record
from andon.response.schema.boot import Boot, check_boot
from andon.response.schema.judge import Judgement, judge
from andon.response.schema.layouts import Framework, read_layout
from andon.response.schema.same import same_statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.response.schema.layouts import Layout, Migration


class Route(StrEnum):
    """What the way back looks like, as far as the database goes."""

    #: No migration in the range, or only what the old code does not notice.
    CODE_ONLY = "code only"
    #: As code only, but the old release's own migrate step at its start has to be switched off.
    WITHOUT_MIGRATE = "without the migrate step"
    #: The way down first, from the newer image, by a person.
    DOWN_FIRST = "way down first"
    #: Rows were changed, or are lost, or nobody knows: fix what runs.
    FORWARD = "forward fix"


class RangeFile(Record):
    """A file that could be a migration and differs between the older release and a newer one."""

    path: str
    #: `added`, `changed` or `removed`, seen from the older release.
    kind: str
    #: As the newer release has it; None when it is not there, or no text.
    text: str | None
    #: As the older release has it; None likewise.
    before: str | None = None


class SchemaRange(Record):
    """Everything the gate looks at."""

    #: How many files differ in all.
    changed: int
    files: tuple[RangeFile, ...]
    #: Texts of older migrations by path, for what can only be judged by what was there before.
    older: Mapping[str, str]
    #: Other paths of the newer commits, which can tell a layout.
    beside: frozenset[str]
    #: The files of the older release that say what it starts.
    boot: Mapping[str, str]
    #: The files of the older release in which a program may migrate from within.
    source: Mapping[str, str] = {}


class Answer(Record):
    """One question and its answer; UNKNOWN says what is not known, never a guess."""

    question: str
    verdict: Verdict
    text: str


class SchemaGate(Record):
    """Whether the database lets the older release back."""

    verdict: Verdict
    #: One line.
    reason: str
    route: Route
    answers: tuple[Answer, ...] = ()
    #: `path:line reason`, the worst first.
    findings: tuple[str, ...] = ()
    #: What a person does first, in order; empty when nothing.
    steps: tuple[str, ...] = ()


#: Findings that are told; the rest is counted.
FINDING_LIMIT = 12

QUESTIONS = (
    "is the range free of migrations",
    "does the old code run on the new schema",
    "can the schema go back without loss",
    "does the old release start on the new schema",
    "are all rows left alone, and all parts understood",
)


def not_readable(reason: str) -> SchemaGate:
    """Return the answer for a range that cannot be read."""
    answers = tuple(Answer(question=q, verdict=Verdict.UNKNOWN, text=reason) for q in QUESTIONS)
    return SchemaGate(verdict=Verdict.UNKNOWN, reason=reason, route=Route.FORWARD, answers=answers)


def pass_range(read: SchemaRange, dialect: str = "") -> SchemaGate:
    """Judge a range; never raises.

    Order: nothing to judge; only additions that old code does not notice; the old release's own migrate step;
    a way down that restores everything; otherwise a forward fix.
    """
    files = {f.path: f for f in read.files}
    texts = {f.path: f.text for f in read.files if f.text is not None and f.kind == "added"}
    layout = read_layout(texts, {*read.beside, *files})
    odd = _odd(read, layout)
    judged = [judge(m, _earlier(m, layout, read), dialect) for m in layout.migrations]
    if not judged and not odd:
        return _nothing(read)
    boot = check_boot(_frameworks(layout, odd), read.boot, read.source)
    return _weigh(judged, odd, boot)


def _nothing(read: SchemaRange) -> SchemaGate:
    reason = f"no schema change among {counted(read.changed, 'changed file')}"
    answers = (Answer(question=QUESTIONS[0], verdict=Verdict.PASSED, text=reason),)
    return SchemaGate(verdict=Verdict.PASSED, reason=reason, route=Route.CODE_ONLY, answers=answers)


def _odd(read: SchemaRange, layout: Layout) -> tuple[str, ...]:
    """Return what cannot be judged as a migration that was added: edits, removals, snapshots alone."""
    found = []
    for file in read.files:
        if file.kind == "added" and file.text is not None:
            if file.path in layout.snapshots and not _is_told(file.path, layout):
                found.append(f"{file.path}:1 describes a schema that no migration in the range explains")
            continue
        known = file.before if file.kind == "removed" else file.text
        alone = read_layout({file.path: "?" if known is None else known}, read.beside)
        if file.path in alone.bystanders:
            continue
        if file.path in alone.snapshots:
            if not _is_told(file.path, layout):
                found.append(f"{file.path}:1 describes a schema that no migration in the range explains")
        elif file.kind == "removed":
            found.append(f"{file.path}:1 was removed: whether the database had it is not known")
        elif file.text is None:
            found.append(f"{file.path}:1 cannot be read as text")
        elif not same_statements(file.path, file.before, file.text):
            found.append(f"{file.path}:1 was edited after it was released: which form ran is not known")
    return tuple(found)


def _is_told(snapshot: str, layout: Layout) -> bool:
    """True when a migration lies below the place of a snapshot: another service's says nothing of it."""
    place = snapshot.rpartition("/")[0].removesuffix("/schema")
    return any(m.path.startswith(f"{place}/") or not place for m in layout.migrations)


def _earlier(migration: Migration, layout: Layout, read: SchemaRange) -> tuple[str, ...]:
    """Return the texts of the older migrations in the same place, oldest first."""
    if migration.framework is not Framework.DJANGO:
        return ()
    place = migration.path.rpartition("/")[0] + "/"
    older = [
        (p, t) for p, t in read.older.items() if p.startswith(place) and "/" not in p.removeprefix(place)
    ]
    own = [(m.path, m.up.text) for m in layout.migrations if m.path.startswith(place)]
    return tuple(t for p, t in sorted(dict(older + own).items()) if p < migration.path)


def _frameworks(layout: Layout, odd: Sequence[str]) -> list[Framework]:
    found = [m.framework for m in layout.migrations]
    return found or ([Framework.UNKNOWN] if odd else [])


def _weigh(judged: Sequence[Judgement], odd: Sequence[str], boot: Boot) -> SchemaGate:
    code = _worst([*(j.old_code for j in judged), *(Verdict.UNKNOWN for _ in odd)])
    back = _worst([*(j.reversible for j in judged), *(Verdict.UNKNOWN for _ in odd)])
    data = any(j.changes_data for j in judged)
    unknown = bool(odd) or any(j.is_unknown for j in judged)
    route = _route(code, back, boot, data)
    verdict = Verdict.PASSED
    if code is not Verdict.PASSED or boot.verdict is not Verdict.PASSED:
        verdict = _worst([code, boot.verdict])
    reason = _reason(route, judged, odd, boot)
    last = Verdict.FAILED if data else Verdict.UNKNOWN if unknown else Verdict.PASSED
    told = "rows are changed" if data else "parts are not understood" if unknown else "they are"
    answers = (
        Answer(question=QUESTIONS[0], verdict=Verdict.FAILED, text=_names(judged, odd)),
        Answer(question=QUESTIONS[1], verdict=code, text=_first(judged, odd, "code")),
        Answer(question=QUESTIONS[2], verdict=back, text=_first(judged, odd, "back")),
        Answer(question=QUESTIONS[3], verdict=boot.verdict, text=boot.reason),
        Answer(question=QUESTIONS[4], verdict=last, text=told),
    )
    return SchemaGate(
        verdict=verdict,
        reason=reason,
        route=route,
        answers=answers,
        findings=_findings(judged, odd),
        steps=_steps(route, back, judged, boot),
    )


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    return next((v for v in (Verdict.FAILED, Verdict.UNKNOWN) if v in verdicts), Verdict.PASSED)


def _route(code: Verdict, back: Verdict, boot: Boot, data: bool) -> Route:
    if code is Verdict.PASSED and not data:
        return Route.CODE_ONLY if boot.verdict is Verdict.PASSED else Route.WITHOUT_MIGRATE
    return Route.DOWN_FIRST if back is Verdict.PASSED and not data else Route.FORWARD


def _names(judged: Sequence[Judgement], odd: Sequence[str]) -> str:
    paths = [*(j.path for j in judged), *(o.rpartition(":1 ")[0] for o in odd)]
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _reason(route: Route, judged: Sequence[Judgement], odd: Sequence[str], boot: Boot) -> str:
    named = _names(judged, odd)
    match route:
        case Route.CODE_ONLY:
            return f"the old code runs on the new schema ({named}); {boot.reason}"
        case Route.WITHOUT_MIGRATE:
            return f"the old code runs on the new schema ({named}), but: {boot.reason}"
        case Route.DOWN_FIRST:
            return f"the old code needs the way down first ({named}): {_first(judged, odd, 'code')}"
        case Route.FORWARD:
            why = _first(judged, odd, "code")
            return f"no safe way back over {named}: {why}"


def _first(judged: Sequence[Judgement], odd: Sequence[str], about: str) -> str:
    """Return the worst finding about the old code or the way down."""
    found = _told(judged, odd, about)
    if found:
        return found[0]
    return "it runs as before" if about == "code" else "the way down restores schema and rows"


def _told(judged: Sequence[Judgement], odd: Sequence[str], about: str) -> list[str]:
    ranked: list[tuple[int, str]] = []
    for j in judged:
        for f in j.for_old_code if about == "code" else j.for_way_down:
            place = (j.down_path or j.path) if f.in_way_down else j.path
            ranked.append((0 if f.verdict is Verdict.FAILED else 1, f"{place}:{f.line} {f.reason}"))
    ranked += [(1, o) for o in odd]
    return [text for _, text in sorted(ranked, key=lambda pair: pair[0])]


def _findings(judged: Sequence[Judgement], odd: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys((*_told(judged, odd, "code"), *_told(judged, odd, "back"))))
    more = len(found) - FINDING_LIMIT
    return found if more <= 0 else (*found[:FINDING_LIMIT], f"{more} more findings")


def _steps(route: Route, back: Verdict, judged: Sequence[Judgement], boot: Boot) -> tuple[str, ...]:
    newest_first = ", ".join(j.down_path or j.path for j in reversed(judged))
    down = (
        "a person runs the way down, from the image of the newer release (the older one has none), "
        f"newest first: {newest_first}"
    )
    sign = 'then: andon sign migrations-reversible --reason "{}, and what it printed"'
    if route is Route.WITHOUT_MIGRATE:
        off = f"start the old release without its migrate step: {boot.reason}"
        told = sign.format("how the migrate step was left out")
        if back is Verdict.PASSED:
            return (off, f"or {down}", sign.format("which of the two was done"))
        return (off, told)
    return (down, sign.format("the way down ran")) if route is Route.DOWN_FIRST else ()
