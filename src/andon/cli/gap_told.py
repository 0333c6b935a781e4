"""What `andon gap` says: the verdict first, then why, what could not be tried, and what now."""

from __future__ import annotations

from collections import Counter

from andon.cli.output import headline, print_json, summary, wants_json
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.gap.kept import plain_search
from andon.gaps.words import Answer, Kind, Showed
from andon.incident.words import counted
from andon.secrets.spoken import hidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

    from andon.desk.gap.find import Found
    from andon.desk.gap.plan import Plan
    from andon.desk.ports import Desk
    from andon.gaps.experiment import Replay
    from andon.gaps.verdict import Search, Verdict

#: What a search that is no gap between the worlds comes to.
_NO_GAP = (Answer.UNTESTED, Answer.MOCKED, Answer.INPUT, Answer.FLAKY, Answer.OTHER_BUILD)
_CALLED = {
    Answer.INTERACTION: "TWO KINDS TOGETHER",
    Answer.UNTESTED: "NO TEST GOES THERE",
    Answer.MOCKED: "A MOCK HID IT",
    Answer.INPUT: "AN INPUT THAT NO TEST TRIES",
    Answer.FLAKY: "FLAKY",
    Answer.OTHER_BUILD: "ANOTHER BUILD",
    Answer.UNKNOWN: "NOT KNOWN",
}
_SHOWED = {
    Showed.REPRODUCED: ("fails", "red"),
    Showed.OTHER: ("other", "yellow"),
    Showed.PASSED: ("passes", "green"),
    Showed.NOT_APPLIED: ("not applied", "yellow"),
    Showed.NOT_RUN: ("not run", "yellow"),
}
#: How often a request is the one that was repeated.
_OFTEN = 5
#: Experiments, differences and remarks that are listed; the report has all.
_SHOWN = 12


def code_of(verdict: Verdict) -> int:
    """Return the exit code: 0 the gap is found, 1 it is no gap between the worlds, 3 not known."""
    if verdict.answer is Answer.UNKNOWN:
        return 3
    return 1 if verdict.answer in _NO_GAP else 0


def tell_found(desk: Desk, arguments: argparse.Namespace, found: Found) -> int:
    """Print a search, or all of it as JSON; return its exit code."""
    search, code = found.search, code_of(found.search.verdict)
    if wants_json(arguments):
        told: dict[str, Any] = plain_search(search)
        incident = summary(found.incident, desk.clock.now()) if found.incident is not None else None
        print_json({**told, "incident": incident, "report": arguments.report or None})
        return code
    verdict = search.verdict
    _verdict(search)
    _why(search)
    if verdict.answer is Answer.UNKNOWN and (hint := _never_answered(search)):
        _lines((hint,))
    if verdict.not_tried:
        print("not tried:")
        _lines(verdict.not_tried[:_SHOWN])
        if len(verdict.not_tried) > _SHOWN:
            print(f"  and {len(verdict.not_tried) - _SHOWN} more: --json")
    print(
        style(
            f"{counted(len(search.replays), 'world')}, {search.runs} runs, {search.requests} requests, "
            f"{search.seconds:.0f} s",
            "dim",
        )
    )
    if arguments.report:
        print(f"the report is in {one_line(arguments.report)}")
    if found.incident is not None:
        print(headline(found.incident))
    next_line(verdict.next_step or "see what would run", verdict.next_command or "andon gap --plan")
    return code


def _never_answered(search: Search) -> str:
    """Say that the application does not know the failing request, where the control shows it; else ""."""
    asked = Counter(
        (e.method, e.path, e.status)
        for purpose, r in search.replays
        if purpose == "control"
        for e in r.exchanges
    )
    for (method, path, status), times in asked.most_common(1):
        if status in (404, 405) and times >= _OFTEN:
            return (
                f"{method} {path} answers {status} in the tests' world: perhaps it is another method"
                " (--method POST --body @FILE)"
            )
    return ""


def _verdict(search: Search) -> None:
    verdict = search.verdict
    name = _CALLED.get(verdict.answer) or verdict.answer.value.upper()
    colour = "red" if code_of(verdict) == 0 else "yellow"
    parts = [style(name, "bold", colour)]
    if verdict.place:
        parts.append(style(one_line(" ".join(verdict.place), 120), "bold"))
    parts += [style(one_line(" ".join(place), 80), "bold") for place in verdict.other_places[:3]]
    if verdict.tier is not None:
        parts.append(verdict.how_sure)
    print("  ".join(parts))
    if verdict.summary != f"{verdict.answer}: {' '.join(verdict.place)}":
        _lines((verdict.summary,))
    if seen := next((d for d in search.differences if d.place == verdict.place), None):
        test, production = seen.test or "-", seen.production or "-"
        told = [seen.summary] if seen.summary else []
        if not told or test not in seen.summary or production not in seen.summary:
            told.append(f"tests: {test}; production: {production}")
        _lines(("; ".join(told),))
    if verdict.threshold is not None:
        below = f"; at {verdict.below:g} it does not" if verdict.below is not None else ""
        print(f"  fails from {verdict.threshold:g} {verdict.unit} on{below}".rstrip())


def _why(search: Search) -> None:
    top = [d for d in search.differences if d.weight >= 4][:3]
    if not (search.verdict.reasons or search.replays or top):
        return
    print("why:")
    _lines(search.verdict.reasons)
    main = [(p, r) for p, r in search.replays if p != "narrow"]
    narrow = [r for p, r in search.replays if p == "narrow"]
    if main:
        rows((_line(purpose, replay) for purpose, replay in main[:_SHOWN]), indent="    ")
    if narrow:
        failing = sum(1 for r in narrow if r.showed is Showed.REPRODUCED)
        print(f"    narrowed in {counted(len(narrow), 'world')}, of which {failing} failed")
    if top and not search.replays:
        _lines(f"{one.kind}: {one.summary or ' '.join(one.place)}" for one in top)


def _lines(texts: Iterable[str]) -> None:
    """Print a line for each; on a terminal a long one is folded between words."""
    for text in texts:
        rows(((one_line(text, 300),),))


def _line(purpose: str, replay: Replay) -> tuple[str, ...]:
    word, colour = _SHOWED[replay.showed]
    times = f"{replay.reproduced} of {replay.runs}" if replay.runs else ""
    why = f": {replay.told}" if replay.showed in _TOLD and replay.told else ""
    if replay.showed is Showed.OTHER and replay.seen is not None:
        seen = replay.seen
        why = f": {seen.test} failed" if seen.test else f": {seen.method} {seen.path} answered {seen.status}"
    return (
        style(word, "bold", colour),
        purpose,
        times,
        f"{replay.seconds:.1f} s",
        f"{_world(replay)}{why}",
    )


_TOLD = (Showed.NOT_RUN, Showed.NOT_APPLIED)


def _world(replay: Replay) -> str:
    """Return a mixed world in a few words."""
    kinds = {kind: [p for p in replay.parts if p.kind is kind] for kind in Kind}
    present = [kind for kind, parts in kinds.items() if parts]
    if not present:
        return "the tests' own world"
    if len(replay.parts) == 1:
        return f"production's {present[0]} {replay.parts[0].name}"
    return "production's " + ", ".join(kind.value for kind in present)


def tell_plan(arguments: argparse.Namespace, told: Plan) -> int:
    """Print what would run; return 0, or 3 when nothing could be told by it."""
    code = 0 if told.experiments or not told.problems else 3
    if wants_json(arguments):
        print_json(
            {
                **{f: getattr(told, f) for f in ("failure", "suite", "minutes", "experiments")},
                "journey": list(told.journey),
                "steps": [{f: getattr(s, f) for f in s.__fields__} for s in told.steps],
                "hosts": [{f: getattr(h, f) for f in h.__fields__} for h in told.hosts],
                "not_flipped": list(told.not_flipped),
                "loads": list(told.loads),
                "consents_missing": list(told.consents_missing),
                "problems": list(told.problems),
                "artefacts": told.artefacts,
                "writes": [],
            }
        )
        return code
    print(style("nothing is run; this is what would be", "bold"))
    rows(
        (
            ("failure", told.failure),
            ("suite", told.suite or "none is configured"),
            ("tests", ", ".join(told.journey[:6]) or "all of the suite"),
            ("time", f"{told.minutes:g} minutes at most; what runs then is stopped"),
        )
    )
    print("steps, in order, with a rough time:")
    rows((s.name, f"{s.seconds:.0f} s" if s.seconds >= 1 else "", s.what) for s in told.steps)
    print("hosts:" if told.hosts else "hosts: none but this machine")
    rows(
        (
            one.host or "this machine",
            "may be asked" if one.has_consent else "NOT without --i-own-this",
            one.what,
        )
        for one in told.hosts
    )
    for title, lines in (
        ("bounds", told.loads),
        ("not flipped", told.not_flipped),
        ("missing", told.problems),
    ):
        _lines(f"{title}: {line}" for line in lines)
    _lines(("written: nothing in this repository, nothing in production; copies in a temporary directory",))
    if told.consents_missing:
        host = told.consents_missing[0]
        next_line("consent, or go without that host", f"{_again(arguments)} --i-own-this {host}")
    else:
        next_line(
            "run it", _again(arguments) + ("" if told.experiments or arguments.observe else " --observe")
        )
    return code


def again(arguments: argparse.Namespace) -> str:
    """Return the command so far as it says how production failed and what the tests left."""
    names = ("url", "method", "body", "content_type", "status", "text", "absent", "slower_than", "from_probe")
    given = [(name, getattr(arguments, name)) for name in names]
    given += [("artefacts", one) for one in arguments.artefacts]
    return _words("andon gap", given)


def _again(arguments: argparse.Namespace) -> str:
    """Return the whole command without --plan."""
    given = [("minutes", arguments.minutes)]
    given += [(name, one) for name in ("only", "i_own_this") for one in getattr(arguments, name)]
    return _words(again(arguments), given) + (" --observe" if arguments.observe else "")


def _words(command: str, given: Iterable[tuple[str, object]]) -> str:
    import shlex

    words = [
        f"--{name.replace('_', '-')} {shlex.quote(hidden(str(value)))}" for name, value in given if value
    ]
    return " ".join([command, *words])
