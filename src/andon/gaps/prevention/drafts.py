"""Tests that are red with a gap and green without, as texts in the language of the suite.

A test brings what makes the failure about where a test can: many users at once, a slow connection, a late
answer. What the world brings (settings, rows, services, links) a test cannot; then it asks the failing
request and is red in a world that is as production's, which the parity check asks of the tests' world.
"""

from __future__ import annotations

import posixpath
import re

from andon.gaps.prevention import in_python, in_script
from andon.gaps.prevention.asking import mark
from andon.gaps.prevention.explaining import difference_at, where
from andon.gaps.prevention.plan import planned, slowed
from andon.gaps.words import Answer, Kind
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.experiment import Part
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search

#: Why no test is kept of what the tests' own world has too.
_LATER = "this endpoint fails in every world, so no test of it is green before the cause is mended"
#: Endings of files with tests of Playwright Test.
_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
#: What the page's own profile is told by: milliseconds, bytes a second down and up.
Profile = tuple[float, float, float]


class Style(Record):
    """How the suite writes its tests: what a generated one has to look like."""

    #: `playwright`, `pytest` or `junit`.
    flavour: str
    #: Of a command that writes JUnit's XML: `node` where node's own runner is it, else "".
    language: str = ""
    #: The file of the journey's test, relative to the suite's directory, and its text; "" when there is none.
    file: str = ""
    text: str = ""
    url_variable: str = "BASE_URL"
    #: Where new tests go when there is no journey's file.
    directory: str = "tests"


class Draft(Record):
    """A test that was written and is not yet proven."""

    #: Relative to the suite's directory.
    path: str
    text: str
    #: The same without what makes the failure about; "" when the world brings that.
    green: str = ""
    #: With these parts as in production it must be red, and without them green; () when it brings all itself.
    parts: tuple[Part, ...] = ()
    #: A text that its message holds when it is red; "" when the message is the journey's own.
    mark: str = ""
    #: What runs it, with `{report}`, where the team's own command does not take up a new file; () if it does.
    command: tuple[str, ...] = ()
    #: What makes it red where no parts do.
    brings: str = "what it brings about"
    #: The same turned round, so that it passes while the failure is there, where no world is known in which
    #: the test is green; else "".
    turned: str = ""
    #: True for a test of the team's own that needs the world only: nothing is written.
    is_theirs: bool = False


class Drafted(Record):
    """A draft, or why there is none."""

    draft: Draft | None = None
    told: str = ""


def draft(
    search: Search,
    failure: Failure,
    style: Style,
    way: Sequence[Exchange] = (),
    profile: Profile = (0.0, 0.0, 0.0),
    tried: Exchange | None = None,
) -> Drafted:
    """Return the test for a verdict; `way` are the journey's requests that change something.

    `profile` is production's browser connection, `tried` what the tests send to the failing endpoint. No
    secret is in a text that went through a redactor before.
    """
    verdict = search.verdict
    language = in_python if _is_python(style) else in_script
    if verdict.answer is Answer.INPUT:
        return _of_an_input(search, failure, style, tried)
    if verdict.answer in (Answer.UNTESTED, Answer.MOCKED):
        return _of_every_world(search, failure, style)
    if not verdict.kinds:
        return Drafted(told="there is no gap to test for")
    parts = smallest(search)
    if not parts:
        return Drafted(told="no experiment showed the failure, so no test could be shown red")
    crowds = [part for part in parts if part.place == ("users",)]
    path, run = _path(search, style), _command(search, style)
    if crowds and failure.can_be_sent:
        rest = tuple(part for part in parts if part not in crowds)
        amounts = [int(crowds[0].amount or 0), max(1, int(crowds[0].least))]
        told = needs(search, rest, f"{amounts[0]} users at once")
        red, green = (
            language.written(planned(search, failure, needs=told, way=way, users=n), style) for n in amounts
        )
        # With other parts, as many users without them must be green.
        made = Draft(
            path=path, text=red, green="" if rest else green, parts=rest, mark=mark(search), command=run
        )
        return Drafted(draft=made)
    part = parts[0]
    is_browser = part.kind is Kind.NETWORK and part.place[0] in ("browser", "delay")
    if len(parts) == 1 and is_browser and style.text and style.flavour in ("playwright", "pytest"):
        is_late = part.place[0] == "delay"
        told = needs(search, (), f"{'one late answer' if is_late else 'a slow connection'}")
        red, green = (
            language.slowed(
                slowed(search, style.text, endpoint=part.place[1], milliseconds=amount, needs=told)
                if is_late
                else slowed(
                    search, style.text, profile=(amount, *(profile[1:] if amount else (0.0, 0.0))), needs=told
                )
            )
            for amount in (float(part.amount or 0), 0.0)
        )
        return Drafted(draft=Draft(path=path, text=red, green=green))
    if failure.can_be_sent:
        text = language.written(planned(search, failure, needs=needs(search, parts)), style)
        return Drafted(draft=Draft(path=path, text=text, parts=parts, mark=mark(search), command=run))
    if style.text and style.flavour in ("playwright", "pytest"):
        # The page's failure is what the journey's own test sees, where its world has the gap.
        return Drafted(draft=Draft(path=style.file, text=style.text, parts=parts, is_theirs=True))
    return Drafted(told="only a page shows the failure, and no test of the suite was found that opens it")


def _of_an_input(search: Search, failure: Failure, style: Style, tried: Exchange | None) -> Drafted:
    """Return a test of the input that no test tries; with what the tests do send it must be green."""
    if tried is None:
        return _of_every_world(search, failure, style)
    if not failure.can_be_sent:
        return Drafted(told="the request that fails is not known")
    language = in_python if _is_python(style) else in_script
    told = "It needs no other world than the tests': it is red until the cause is mended."
    other = replace(
        failure, path=tried.path, body=tried.sent, content_type=tried.content_type if tried.sent else ""
    )
    red, green = (language.written(planned(search, one, needs=told), style) for one in (failure, other))
    return Drafted(
        draft=Draft(
            path=_path(search, style),
            text=red,
            green=green,
            brings="this input",
            mark=mark(search),
            command=_command(search, style),
        )
    )


def _of_every_world(search: Search, failure: Failure, style: Style) -> Drafted:
    """Return a test of what fails in every world: turned round, for it is red until the cause is mended."""
    if not failure.can_be_sent:
        return Drafted(told="the request that fails is not known")
    language = in_python if _is_python(style) else in_script
    text, turned = (
        language.written(planned(search, failure, is_turned=is_turned), style) for is_turned in (False, True)
    )
    made = Draft(
        path=_path(search, style),
        text=text,
        turned=turned,
        mark=mark(search),
        command=_command(search, style),
    )
    return Drafted(draft=made, told=_LATER)


def needs(search: Search, parts: Sequence[Part], brings: str = "") -> str:
    """Return, as a sentence, in which world a test can be red: what it brings, and what it cannot bring."""
    told = f"It brings {brings}" if brings else ""
    if not parts:
        return f"{told}, and needs no other world than the tests'."
    shares = []
    for part in parts:
        seen = difference_at(search, part.kind, part.place)
        what = f" ({seen.production})" if seen else ""
        is_column = seen is not None and part.kind is Kind.DATA and len(seen.place) > 1
        place = f"the column {'.'.join(seen.place)}" if is_column and seen else where(part.kind, part.place)
        shares.append(f"{place}{what}")
    needed = f"a world that shares with production {' and '.join(shares)}"
    return f"{told}; it needs {needed}." if told else f"It needs {needed}: `andon gap parity` checks that."


def _is_python(style: Style) -> bool:
    return style.flavour == "pytest" or (style.flavour == "junit" and style.language != "node")


def _command(search: Search, style: Style) -> tuple[str, ...]:
    """Return what runs a test that the team's own command does not take up by itself; () when it does."""
    if style.flavour != "junit":
        return ()
    path = _path(search, style)
    if _is_python(style):
        return ("python3", path, "{report}")
    return ("node", "--test", "--test-reporter", "junit", "--test-reporter-destination", "{report}", path)


def smallest(search: Search) -> tuple[Part, ...]:
    """Return the fewest parts, of the least amounts, with which an experiment showed the failure."""
    kinds = set(search.verdict.kinds)
    shown = [
        replay.parts
        for _, replay in search.replays
        if replay.reproduced and replay.parts and {part.kind for part in replay.parts} == kinds
    ]
    by_depth = sorted(shown, key=lambda parts: (len(parts), -min(len(p.place) for p in parts)))
    if not by_depth:
        return ()
    best = by_depth[0]
    same = [p for p in shown if [q.place for q in p] == [q.place for q in best]]
    # Of a quantity the most that was tried: the least that fails is at the edge, where a test would be flaky.
    return max(same, key=lambda parts: sum(part.amount or 0 for part in parts))


def _path(search: Search, style: Style) -> str:
    name = f"gap_{search.id}".lower()
    folder = posixpath.dirname(style.file) if style.file else style.directory
    if style.flavour == "pytest":
        return posixpath.join(folder, f"test_{name}.py")
    if style.flavour == "junit":
        ending = f"{name}.py" if _is_python(style) else f"{name.replace('_', '-')}.test.mjs"
        return posixpath.join(folder, ending)
    base = posixpath.basename(style.file)
    ending = next((e for e in _SCRIPTS if base.endswith(e)), ".ts")
    kind = ".test" if ".test." in base else ".spec"
    return posixpath.join(folder, f"{name.replace('_', '-')}{kind}{ending}")


def name_in(text: str, flavour: str) -> str:
    """Return the name of the first test of a file, as its runner takes it; "" for none."""
    is_python = flavour == "pytest" or text.startswith("#")
    expression = r"^def (test_\w+)" if is_python else r"^test(?:\.\w+)?\(\s*['\"](.+?)['\"],"
    found = re.search(expression, text, re.MULTILINE)
    return found[1] if found else ""
