"""The whole hotfix guard on real fixes, on fixes with something else in them, and on other commits.

    ./dev bench hotfix_guard BUGSINPY PROJECT... --unseen PROJECT... [--quick]

BUGSINPY and the projects are clones (bare ones will do); a project of BugsInPy that is not given is judged
by what its patches show. Everything is drawn with a fixed seed, in one process. `--unseen` names projects
outside of BugsInPy: there, small commits that call themselves fixes stand for fixes.

"Blocked" is what stops a hotfix; "flagged" is that, or a warning: a hint, or the rule `loose-ends`.

- *fix*: the patches of BugsInPy as they are; *fix and test*: with what their commit did to the failing test.
- *other files*, *same file*: a fix put together with a feature or refactoring commit of the project (3 to
  80 lines), told by its subject; in the second it touches a file of the fix, in *only that file* no other.
- *feature*, *refactoring*: whole commits by their subject, 3 to 600 lines.

"The right hunk" is flagged when an objection lies inside the other commit's hunks. Peers: more than 3 files;
more than 60 lines; and hunks joined by function, a rare shared name or 40 lines, in more than one group.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from andon.incident.words import Verdict
from andon.response.guard.budget import Budget
from andon.response.guard.connected import CONNECTED, LOOSE_ENDS, judge_connection
from andon.response.guard.context import IncidentContext
from andon.response.guard.judge import judge_fix
from andon.response.guard.links import MOST_PIECES, compare, weakest
from andon.response.guard.reading import read_change
from bench.fix_corpus import (
    Repository,
    by_subject,
    fixes,
    project_of,
    read_arguments,
    sample_of,
    tangles,
    with_tests,
)
from bench.hotfix_links import TUNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from andon.response.gates.results import Objection, RuleResult
    from andon.response.guard.links import Compared
    from bench.fix_corpus import Sample

#: What warns and does not block, in HOTFIX.
WARNS = (LOOSE_ENDS,)
#: Shares in per cent that were agreed on: at most for fixes, at least for the rest.
BLOCKED, OTHER_FILES, SAME_FILE, WHOLE = 5.0, 90.0, 80.0, 60.0
FEATURES_OF = ("scrapy", "luigi")


class Outcome(NamedTuple):
    """What the guard and its peers said of one change."""

    project: str
    blocked: bool
    #: Something was said, with an objection in the right place.
    flagged: bool
    right: bool
    #: Objections, and how many of them lie where something does not belong.
    objections: int
    in_place: int
    #: Rules that spoke, and those of them that block.
    rules: frozenset[str]
    blocking: frozenset[str]
    doubt: float
    peers: dict[str, bool]
    seconds: float
    lines: int


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--unseen", nargs="*", type=Path, default=[], help="projects outside of BugsInPy")
    parser.add_argument("--quick", action="store_true", help="one change in eight")
    parser.add_argument("--check", action="store_true", help="fail when a target is missed")
    given = read_arguments(parser)
    told: dict[str, list[Outcome]] = defaultdict(list)
    for name, sample in populations(given.bugs, given.projects, step=8 if given.quick else 1):
        known, unknown = judged(sample)
        told[name].append(known)
        if name in ("fix", "other files", "same file"):
            told[f"{name}, no context"].append(unknown)
    missed = show("all projects", told)
    for title, keep in (("tuned on", True), ("held out", False)):
        show(title, {n: [o for o in v if (o.project in TUNING) == keep] for n, v in told.items()})
    show_rules(told)
    show_levels(told)
    show_doubt(told)
    for path in given.unseen:
        unseen: dict[str, list[Outcome]] = defaultdict(list)
        for name, sample in unseen_populations(Repository(path), step=8 if given.quick else 1):
            unseen[name].append(judged(sample)[0])
        show(f"never seen: {project_of(path)}", unseen)
        show_precision(unseen)
    return 1 if given.check and missed else 0


def populations(bugs: Repository, projects: dict[str, Repository], step: int) -> Iterator[tuple[str, Sample]]:
    """Return every change with the name of its kind."""
    every = list(fixes(bugs, projects))
    yield from (("fix", s) for s in every[::step])
    for name, repository in projects.items():
        random = Random(7)
        own = [s for s in every if s.project == name and s.is_whole][::step]
        yield from (("fix and test", s) for s in with_tests(own, bugs, repository))
        yield from (("other files", s) for s in tangles(own, repository, random, same_file=False, each=1))
        yield from (("same file", s) for s in tangles(own, repository, random, same_file=True, each=2))
        yield from (
            ("only that file", s) for s in tangles(own, repository, random, same_file=True, each=2, only=True)
        )
        if name in FEATURES_OF:
            yield from whole_commits(repository, name, random, 120, step)
        repository.close()


def whole_commits(
    repository: Repository, name: str, random: Random, most: int, step: int
) -> Iterator[tuple[str, Sample]]:
    """Return feature and refactoring commits as they are."""
    for kind in ("feature", "refactoring"):
        chosen = by_subject(repository, kind)
        random.shuffle(chosen)
        for commit in chosen[: most // step]:
            yield kind, sample_of(repository, name, commit)


def unseen_populations(repository: Repository, step: int) -> Iterator[tuple[str, Sample]]:
    """Return what is judged of a project outside of BugsInPy."""
    random = Random(11)
    small = [c for c in by_subject(repository, "fix") if c.size <= 60 and len(c.paths) <= 5]
    random.shuffle(small)
    own = [sample_of(repository, repository.name, c) for c in small[: 80 // step]]
    yield from (("commit called a fix", s) for s in own)
    yield from (("other files", s) for s in tangles(own, repository, random, same_file=False, each=1))
    yield from (("same file", s) for s in tangles(own, repository, random, same_file=True, each=1))
    yield from whole_commits(repository, repository.name, random, 80, step)
    repository.close()


def judged(sample: Sample) -> tuple[Outcome, Outcome]:
    """Ask the guard and its peers about one change, with what is known of the incident and without."""
    began = time.process_time()
    results = judge_fix(sample.change, sample.context, Budget())
    seconds = time.process_time() - began
    sides = read_change(sample.change)
    others = [r for r in results if r.rule not in (CONNECTED, LOOSE_ENDS)]
    without = (*others, *judge_connection(sides, IncidentContext()))
    compared = None
    if 1 < sum(len(f.hunks) for f in sample.change.files) <= MOST_PIECES:
        compared = compare(sides, sample.context)
    return outcome(sample, results, compared, seconds), outcome(sample, without, compared, seconds)


def outcome(
    sample: Sample, results: Iterable[RuleResult], compared: Compared | None, seconds: float
) -> Outcome:
    """Return what some answers come to."""
    against = [r for r in results if r.verdict is not Verdict.PASSED]
    objections = [o for r in against for o in r.objections]
    in_place = sum(any(lies_in(o, *lines) for lines in sample.foreign) for o in objections)
    lines = sum(f.size for f in sample.change.files)
    blocking = frozenset(r.rule for r in against if r.rule not in WARNS and not r.is_only_hints)
    return Outcome(
        project=sample.project,
        blocked=bool(blocking),
        flagged=bool(against),
        right=in_place > 0,
        objections=len(objections),
        in_place=in_place,
        rules=frozenset(r.rule for r in against),
        blocking=blocking,
        doubt=weakest(compared, tuple(range(len(compared.pieces))))[0] if compared else -99.0,
        peers={
            "more than 3 files": len(sample.change.files) > 3,
            "more than 60 lines": lines > 60,
            "groups of hunks": compared is not None and groups(compared) > 1,
        },
        seconds=seconds,
        lines=lines,
    )


def lies_in(objection: Objection, path: str, first: int, last: int) -> bool:
    """Say whether an objection is about these lines; one about a whole file is about all of its lines."""
    inside = not objection.line or (objection.line <= last and first <= objection.end_line)
    return objection.path == path and inside


def groups(compared: Compared) -> int:
    """Count hunks joined by function, a rare shared name, or 40 lines: the first study's rule."""
    pieces = compared.pieces
    group = list(range(len(pieces)))
    common: dict[str, int] = defaultdict(int)
    for piece in pieces:
        for name in piece.names:
            common[name] += 1
    for i, a in enumerate(pieces):
        for j, b in enumerate(pieces[:i]):
            near = a.path == b.path and max(a.line - b.end_line, b.line - a.end_line) < 40
            same = a.path == b.path and a.function and a.function == b.function
            if near or same or any(common[n] <= 4 for n in a.names & b.names):
                old, new = group[i], group[j]
                group = [new if g == old else g for g in group]
    return len(set(group))


def show(title: str, told: dict[str, list[Outcome]]) -> bool:
    """Print one table; return whether a target is missed."""
    targets = {
        "fix": -BLOCKED,
        "other files": OTHER_FILES,
        "same file": SAME_FILE,
        "feature": WHOLE,
        "refactoring": WHOLE,
    }
    peers = ("more than 3 files", "more than 60 lines", "groups of hunks")
    print(f"\n{title}")
    print(
        f"  {'':<24}{'changes':>8}{'blocked':>9}{'flagged':>9}{'right hunk':>12}{'target':>9}",
        *peers,
        sep="   ",
    )
    missed = False
    for name, outcomes in told.items():
        if not outcomes:
            continue
        is_tangle = name.startswith(("other", "same", "only"))
        blocked, flagged, right = (share(outcomes, field) for field in ("blocked", "flagged", "right"))
        target = targets.get(name)
        measured = blocked if target and target < 0 else right if is_tangle else flagged
        if target:
            missed |= measured > -target if target < 0 else measured < target
        bound = "" if not target else f"<= {-target:.0f} %" if target < 0 else f">= {target:.0f} %"
        theirs = "".join(
            f"{100 * sum(o.peers[p] for o in outcomes) / len(outcomes):>{len(p)}.1f} %  " for p in peers
        )
        place = f"{right:>10.1f} %" if is_tangle else " " * 12
        print(f"  {name:<24}{len(outcomes):>8}{blocked:>7.1f} %{flagged:>7.1f} %{place}{bound:>9} {theirs}")
    return missed


def share(outcomes: Iterable[Outcome], field: str) -> float:
    """Return a share in per cent."""
    values = [bool(getattr(o, field)) for o in outcomes]
    return 100 * sum(values) / max(len(values), 1)


def show_rules(told: dict[str, list[Outcome]]) -> None:
    """Print how often each rule blocks, and how often it speaks at all."""
    rules = sorted({rule for outcomes in told.values() for o in outcomes for rule in o.rules})
    head = "".join(f"{r:>16}" for r in rules)
    print(f"\neach rule, in per cent of changes: blocks / speaks\n  {'':<24}{head}")
    for name, outcomes in told.items():
        most = len(outcomes) / 100
        blocks = [sum(rule in o.blocking for o in outcomes) / most for rule in rules]
        speaks = [sum(rule in o.rules for o in outcomes) / most for rule in rules]
        cells = (f"{f'{b:.1f} / {s:.1f}':>16}" for b, s in zip(blocks, speaks, strict=True))
        print(f"  {name:<24}{''.join(cells)}")


def show_levels(told: dict[str, list[Outcome]]) -> None:
    """Print what is blocked when only some rules block and the others warn."""
    kinds = ("fix", "fix and test", "other files", "same file", "feature", "refactoring")
    every = {rule for outcomes in told.values() for o in outcomes for rule in o.blocking}
    print(f"\nper cent blocked when these rules block\n  {'':<48}{''.join(f'{k:>14}' for k in kinds)}")
    for blocking in (
        every,
        every - {"no-refactoring"},
        every - {"no-feature"},
        every - {"no-feature", "no-refactoring"},
        every - {"no-feature", "no-refactoring", "connected"},
        every - {"connected"},
    ):
        shares = (
            100 * sum(bool(o.blocking & blocking) for o in told[k]) / max(len(told[k]), 1) for k in kinds
        )
        print(f"  {', '.join(sorted(blocking)):<48}{''.join(f'{s:>14.1f}' for s in shares)}")


def show_doubt(told: dict[str, list[Outcome]]) -> None:
    """Print what other thresholds of `connected` alone would give, and the time."""
    kinds = ("fix", "fix and test", "other files", "same file", "only that file", "feature", "refactoring")
    print(
        "\n`connected` alone, by threshold: per cent of changes above it\n",
        f"  {'':<8}{''.join(f'{k:>16}' for k in kinds)}",
        sep="",
    )
    for bar in (3.5, 3.0, 2.5, 2.0, 1.5, 1.0, 0.5):
        shares = (100 * sum(o.doubt > bar for o in told[k]) / max(len(told[k]), 1) for k in kinds)
        print(f"  {bar:<8}{''.join(f'{s:>16.1f}' for s in shares)}")
    every = sorted(o.seconds for outcomes in told.values() for o in outcomes)
    small = [o.seconds for outcomes in told.values() for o in outcomes if 30 <= o.lines <= 90]
    print(f"\nprocessor time a change: median {1000 * every[len(every) // 2]:.0f} ms, ", end="")
    print(f"19 in 20 under {1000 * every[len(every) * 19 // 20]:.0f} ms, longest {every[-1]:.2f} s; ", end="")
    print(f"those of 30 to 90 lines {1000 * sum(small) / max(len(small), 1):.0f} ms on average")


def show_precision(told: dict[str, list[Outcome]]) -> None:
    """Print precision and recall over fixes and as many tangles, and where objections lie."""
    fixes_, mixed = told["commit called a fix"], told["other files"] + told["same file"]
    for what in ("blocked", "flagged"):
        recall = share(mixed, what) / 100
        alarms = share(fixes_, what) / 100
        precise = recall / (recall + alarms) if recall + alarms else 0.0
        print(f"  {what}: precision {precise:.2f} (as many tangles as fixes), recall {recall:.2f}")
    named, lying = sum(o.objections for o in mixed), sum(o.in_place for o in mixed)
    print(
        f"  of {named} objections to tangles {100 * lying / max(named, 1):.0f} % lie in what does not belong"
    )


if __name__ == "__main__":
    sys.exit(main())
