"""The doctor's look at the search for the gap: could it be found tonight?"""

from __future__ import annotations

import os

from andon.desk.diagnosis import Diagnosis, missing, ok
from andon.desk.gap.plan import not_described
from andon.desk.gap.proposal import is_configured, suite_here
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.config.model import Config
    from andon.config.model_gap import WorldConfig
    from andon.desk.ports import Desk

#: What an `env` begins with that names no file.
_NO_FILE = ("container:", "compose:", "kubernetes:", "$")


def gap_search(desk: Desk) -> Iterator[Diagnosis]:
    """Say whether the suite can be run, what its last run left, and what of both worlds is not described."""
    config = desk.config
    if not is_configured(config):
        if suite := suite_here(config.root):
            yield missing(
                "gap",
                f"{suite} is here, and nothing says in which two worlds to look when its tests pass and "
                "production fails",
                "andon gap --plan shows the block to write",
            )
        return
    yield _suite(desk)
    yield from _artefacts(config)
    lacks = [*_not_there(config, "test"), *_not_there(config, "prod")]
    if not config.gap_test.start:
        lacks.insert(0, ("nothing says how the tests' world is started", "start under [gap.test]"))
    for summary, fix in lacks:
        yield missing("gap worlds", summary, f"{fix} in andon.toml")
    yield _kinds(config)


def _suite(desk: Desk) -> Diagnosis:
    if not desk.config.gap.is_configured:
        return missing(
            "gap suite",
            "none: a failure that only a page shows cannot be looked for",
            "suite under [gap] in andon.toml",
        )
    if problem := desk.gap_works.suite_problem():
        return Diagnosis(subject="gap suite", state="broken", summary=problem, fix="suite under [gap]")
    return ok("gap suite", " ".join(desk.config.gap.suite))


def _artefacts(config: Config) -> Iterator[Diagnosis]:
    gap = config.gap
    if not gap.artefacts:
        yield missing(
            "gap artefacts",
            "none: nobody knows where the tests go and what they make up",
            "artefacts under [gap] in andon.toml; traces tell most: --trace on, or --tracing on for pytest",
        )
        return
    base = os.path.join(config.root, gap.directory)
    absent = [one for one in gap.artefacts if not os.path.exists(os.path.join(base, one))]
    if absent:
        yield missing(
            "gap artefacts",
            f"{', '.join(absent)} is not here: the suite's last run left nothing",
            "run the suite with --trace on (pytest-playwright: --tracing on), or correct artefacts in [gap]",
        )
    else:
        yield ok("gap artefacts", ", ".join(gap.artefacts))


def _not_there(config: Config, name: str) -> Iterator[tuple[str, str]]:
    """Return what a world names and is not there: files, and variables of this environment."""
    world: WorldConfig = config.gap_test if name == "test" else config.gap_prod
    env = world.env
    if env and not env.startswith(_NO_FILE) and not os.path.isfile(os.path.join(config.root, env)):
        yield f"{env} is not here", f"env under [gap.{name}]"
    database = world.database
    if database.startswith("$") and not os.environ.get(database[1:].strip("{}")):
        yield f"{database} is not set, so {name}'s database is not known", f"database under [gap.{name}]"
    if database.startswith("sqlite:"):
        place = database.removeprefix("sqlite:").removeprefix("//")
        if not os.path.isfile(os.path.join(config.root, place)):
            yield f"{place} is not here", f"database under [gap.{name}]"
    for one in config.gap_dependencies:
        recording = os.path.join(config.root, one.recording)
        if one.world == name and one.recording and not os.path.isfile(recording):
            yield f"{one.recording} is not here", f"recording of {one.name} under [gap.{name}]"


def _kinds(config: Config) -> Diagnosis:
    """Say of which kinds of difference nothing could be tried, for want of a description."""
    lacks = not_described(config)
    names = ", ".join(kind.value for kind in lacks)
    told = ", ".join(kind.value for kind in Kind if kind not in lacks)
    if not lacks:
        return ok("gap kinds", f"all five can be tried: {told}")
    return missing(
        "gap kinds",
        f"nothing differs in the description, so it cannot be tried: {names}",
        f"{'; '.join(lacks.values())} in andon.toml",
    )
