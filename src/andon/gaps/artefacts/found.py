"""What one artefact says, before all that belongs to one test is joined."""

from __future__ import annotations

from andon.gaps.beliefs import Assertion, Exchange
from andon.record import Record

#: Between the parts of a test's title, as Playwright joins them.
ARROW = " › "


class FoundTest(Record):
    """What one artefact says about one test."""

    #: File as the suite names it, line, and the titles around and of the test; "" and 0 when not told.
    file: str = ""
    line: int = 0
    title: str = ""
    #: As pytest takes it; "" for a test of Playwright Test.
    node: str = ""
    #: As `TestBelief.outcome`; "" when the artefact does not say.
    outcome: str = ""
    seconds: float = 0.0
    exchanges: tuple[Exchange, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    console_errors: tuple[str, ...] = ()
    #: Paths of the traces that are attached to it.
    traces: tuple[str, ...] = ()
    #: True when this is a trace, in which requests would be.
    is_trace: bool = False


class Told(Record):
    """What an artefact says about the run as a whole."""

    flavour: str = ""
    base_url: str = ""
    viewport: str = ""
    locale: str = ""
    timezone: str = ""
    browser: str = ""
    version: str = ""
    commit: str = ""


class Piece(Record):
    """What one artefact says."""

    #: What it is: `Playwright's JSON report`, `trace of Playwright (version 10)`.
    sort: str
    tests: tuple[FoundTest, ...] = ()
    told: Told = Told()
    problems: tuple[str, ...] = ()
    #: Path of the file, with the path inside of an archive.
    source: str = ""
