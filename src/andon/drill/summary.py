"""The end of the story: the documents that were written, the clocks, the score."""

from __future__ import annotations

import os
import re
from datetime import datetime

from andon.drill.script import Outcome, Scenario, Stage
from andon.drill.telling import Telling

#: Written by Andon during the drill, relative to the repository.
DOCUMENTS = ("docs/postmortems", "INCIDENTS.md", "docs/regressions.md")


def written(stage: Stage) -> tuple[str, ...]:
    """Return the documents of the review that exist, relative to the repository."""
    root, found = stage.world.repository.path, []
    for place in DOCUMENTS:
        path = os.path.join(root, place)
        if os.path.isdir(path):
            found += [os.path.join(place, name) for name in sorted(os.listdir(path))]
        elif os.path.exists(path):
            found.append(place)
    return tuple(found)


def show_documents(stage: Stage, telling: Telling) -> None:
    """Show the beginning of every document the drill has written."""
    telling.chapter("What was written")
    for name in written(stage):
        telling.say(name)
        telling.frame(_readable(stage.world.repository.read(name)), limit=18)


def _readable(text: str) -> str:
    """Return Markdown without its invisible comments, and empty lines only above headings."""
    visible = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL).strip()
    return re.sub(r"\n{2,}(?!#)", "\n", re.sub(r"\n{2,}(?=#)", "\n\n", visible))


def clocks(stage: Stage) -> dict[str, float | None]:
    """Return seconds from the break to each moment."""
    if not stage.incident:
        return {}
    status = stage.session.ask("status", stage.incident)
    seconds = status.get("seconds")
    since = seconds if isinstance(seconds, dict) else {}
    declared = datetime.fromisoformat(str(status["declared_at"])).timestamp() - stage.broke_at

    def after(name: str) -> float | None:
        return None if since.get(name) is None else declared + float(since[name])

    return {
        "notice": stage.noticed_at - stage.broke_at,
        "declare": declared,
        "acknowledge": after("to_acknowledge"),
        "mitigate": after("to_mitigate"),
        "resolve": after("to_resolve"),
    }


def summarise(scenario: Scenario, stage: Stage, outcome: Outcome) -> dict[str, object]:
    """Return the result for programs."""
    return {
        "scenario": scenario.name,
        "passed": not outcome.failures,
        "failures": outcome.failures,
        "incident": stage.incident,
        "seconds": clocks(stage),
        "documents": list(written(stage)),
        "directory": stage.world.home if stage.world.kept else None,
        "decisions": [
            {"decision": a.decision, "chosen": a.chosen, "points": a.points, "possible": a.possible}
            for a in outcome.answers
        ],
    }


def show_clocks(scenario: Scenario, stage: Stage, outcome: Outcome, telling: Telling) -> None:
    """Show how long everything took, and whether the drill went as it should."""
    telling.chapter("The drill in numbers")
    rows = [(f"time to {name}", f"{s:.1f} s") for name, s in clocks(stage).items() if s is not None]
    lost = sum(beat.lost for beat in stage.world.beats(stage.broke_at - 1))
    telling.table(
        [
            *rows,
            ("visits that failed", str(lost)),
            ("stakeholders told", "; ".join(stage.world.told()) or "nothing"),
        ]
    )
    telling.say(scenario.lesson)
    for failure in outcome.failures:
        telling.failure(failure)
    if not outcome.failures:
        telling.proof(f"{stage.incident} is closed, its history is intact, customers are served", "")
    others = "andon drill --list shows the others; --interactive lets you decide; --keep leaves the files"
    telling.remark(others)


def show_score(stage: Stage, outcome: Outcome, telling: Telling) -> None:
    """Show each decision against the protocol, and the total with the time it took."""
    telling.chapter("Your decisions")
    took = clocks(stage)["mitigate"]
    speed = 0 if took is None or took > 300 else 1 if took > 120 else 2
    for answer in outcome.answers:
        mark = telling.proof if answer.points == answer.possible else telling.failure
        mark(f"{answer.decision}: {answer.chosen} ({answer.points} of {answer.possible})", answer.because)
    spent = f"{took:.0f} s" if took is not None else "never"
    (telling.proof if speed == 2 else telling.failure)(
        f"time: mitigated after {spent} ({speed} of 2)", "two points below two minutes, one below five"
    )
    points = sum(a.points for a in outcome.answers) + speed
    possible = sum(a.possible for a in outcome.answers) + 2
    telling.say(f"score: {points} of {possible}")
