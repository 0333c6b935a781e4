"""A trace of Playwright, versions 7 to 10 and later, of Playwright Test and of the libraries. Pure.

A zip of JSON lines: `test.trace` of the test runner (absent for Python), `*trace.trace` of each context with
its calls and console, `*trace.network` with a HAR entry for each request, `resources/` with the bodies.
Relied on: `context-options`, `before` and `after` joined by `callId`, `resource-snapshot`; the rest is
passed over.
"""

from __future__ import annotations

import re

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.archive import Broken
from andon.gaps.artefacts.found import ARROW, FoundTest, Piece, Told
from andon.gaps.artefacts.har import read_entry
from andon.gaps.artefacts.nodes import node_of
from andon.gaps.artefacts.steps import assertion, expression_of
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from andon.gaps.artefacts.archive import Archive
    from andon.gaps.artefacts.kept_out import Credentials
    from andon.gaps.beliefs import Assertion, Exchange

#: Requests, assertions and console errors of one test that are kept.
EXCHANGES, ASSERTIONS, ERRORS = 5000, 2000, 100
_TITLE = re.compile(
    r"(?:\[[^\]]{0,80}\]" + ARROW + r")?(.{1,500}?):(\d{1,7})(?::\d+)?" + ARROW + r"(.*)", re.DOTALL
)
_PASSWORD = re.compile(r"""resolved to <input[^>]*type=\\?["']password""", re.IGNORECASE)


class _Frame(Record):
    """Where a call was made: file, line, function."""

    file: str
    line: int
    function: str


def is_trace(names: Sequence[str]) -> bool:
    """True for the entries of a trace archive."""
    return any(name.endswith(".trace") for name in names)


def read_trace(archive: Archive, secrets: Credentials) -> Piece:
    """Return what a trace says of its one test."""
    reader = _Reader(archive, secrets)
    for name in sorted(archive.names):
        if name.endswith((".trace", ".network", ".stacks")):
            reader.take(name)
    return reader.piece()


class _Reader:
    """Adds up the files of one trace."""

    def __init__(self, archive: Archive, secrets: Credentials) -> None:
        self._archive = archive
        self._secrets = secrets
        self._options: dict[str, Any] = {}
        self._titles: list[str] = []
        self._versions: set[int] = set()
        self._calls: dict[str, dict[str, Any]] = {}
        self._failed: set[str] = set()
        self._passwords: set[str] = set()
        self._exchanges: list[Exchange] = []
        self._frames: dict[str, _Frame] = {}
        self._errors: dict[str, None] = {}
        self._problems: list[str] = []

    def take(self, name: str) -> None:
        """Read one file of the archive."""
        try:
            content = self._archive.read(name)
        except Broken as problem:
            self._problems.append(str(problem))
            return
        if name.endswith(".stacks"):
            self._stacks(loose.parsed(content))
            return
        for event in loose.lines(content, _is_dull):
            self._secrets.scan(event)
            self._event(event, prefix="" if name.endswith("test.trace") else f"{name.partition('-')[0]}/")

    def _event(self, event: dict[str, Any], prefix: str) -> None:
        sort = event.get("type")
        if sort == "context-options":
            self._context(event)
        elif sort == "resource-snapshot":
            if len(self._exchanges) < EXCHANGES and (
                found := read_entry(loose.table(event, "snapshot"), self._body, self._secrets)
            ):
                self._exchanges.append(found)
        elif sort == "before" and len(self._calls) < 50_000:
            self._calls[prefix + loose.text(event, "callId")] = event
        elif sort == "after":
            if event.get("error"):
                self._failed.add(prefix + loose.text(event, "callId"))
        elif sort == "log" and _PASSWORD.search(loose.text(event, "message")):
            self._passwords.add(loose.text(event, "callId"))
        elif sort == "error":
            self._failed.add(prefix)
        elif sort in ("console", "event"):
            self._console(event)

    def _context(self, event: dict[str, Any]) -> None:
        self._versions.add(loose.whole(event, "version"))
        self._titles.append(loose.text(event, "title"))
        for key, value in loose.table(event, "options").items():
            self._options.setdefault(key, value)
        for key in ("browserName", "playwrightVersion", "sdkLanguage"):
            self._options[key] = loose.text(event, key) or self._options.get(key, "")

    def _console(self, event: dict[str, Any]) -> None:
        said = ""
        if event.get("type") == "console" and event.get("messageType") == "error":
            said = loose.text(event, "text")
        elif event.get("method") == "pageError":
            said = "Uncaught " + loose.text(event, "params", "error", "error", "message")
        if said and len(self._errors) < ERRORS:
            self._errors[said[:1000]] = None

    def _stacks(self, document: object) -> None:
        files = loose.items(document, "files")
        for one in loose.items(document, "stacks"):
            match one:
                case [str() | int() as call, [[int() as file, int() as line, *rest], *_]] if (
                    0 <= file < len(files)
                ):
                    called = call if isinstance(call, str) else f"call@{call}"
                    function = next((part for part in rest if isinstance(part, str)), "")
                    self._frames[called] = _Frame(
                        file=loose.text({"": files[file]}, ""), line=line, function=function
                    )

    def _body(self, file: str) -> bytes:
        for name in (file, f"resources/{file}"):
            if name in self._archive.names_set:
                try:
                    return self._archive.read(name)
                except Broken as problem:
                    if str(problem) not in self._problems:
                        self._problems.append(str(problem))
        return b""

    def piece(self) -> Piece:
        """Return what was added up."""
        for call in self._calls.values():
            if loose.text(call, "callId") in self._passwords or loose.text(call, "class") != "":
                self._secrets.add_typed(call, is_password=loose.text(call, "callId") in self._passwords)
        title = next((one for one in self._titles if one), "")
        is_python = loose.text(self._options, "sdkLanguage") == "python"
        named = _TITLE.fullmatch(title)
        test = FoundTest(
            file=named[1] if named else "",
            line=int(named[2]) if named else 0,
            title=named[3] if named else title,
            outcome="passed" if not self._failed and (self._exchanges or self._calls) else "",
            node=node_of(title, self._places()) if is_python else "",
            exchanges=tuple(self._exchanges),
            assertions=tuple(self._assertions(named[1] if named else ""))[:ASSERTIONS],
            console_errors=tuple(self._errors),
            is_trace=True,
        )
        version = max(self._versions, default=0)
        return Piece(
            sort=f"trace of Playwright (version {version or 'unknown'})",
            tests=(test,),
            told=self._told(is_python),
            problems=tuple(self._problems),
        )

    def _told(self, is_python: bool) -> Told:
        width, height = (loose.whole(self._options, "viewport", side) for side in ("width", "height"))
        return Told(
            flavour="pytest" if is_python else "playwright",
            base_url=loose.text(self._options, "baseURL"),
            viewport=f"{width}x{height}" if width and height else "",
            locale=loose.text(self._options, "locale"),
            timezone=loose.text(self._options, "timezoneId"),
            browser=loose.text(self._options, "browserName"),
            version=loose.text(self._options, "playwrightVersion"),
        )

    def _places(self) -> tuple[tuple[str, str], ...]:
        return tuple(dict.fromkeys((frame.file, frame.function) for frame in self._frames.values()))

    def _assertions(self, suite_file: str) -> Iterator[Assertion]:
        """Yield what held: the runner's own steps where it has any, located by the browser's calls."""
        locators: dict[str, str] = {}
        for called, call in self._calls.items():
            if "/" in called and loose.text(call, "method") == "expect":
                locator = loose.text(call, "params", "selector")
                for key in (
                    loose.text(call, "stepId"),
                    loose.text(call, "parentId"),
                    called.partition("/")[2],
                ):
                    locators.setdefault(key, locator)
        own = [(c, e) for c, call in self._calls.items() if "/" not in c and (e := expression_of(call))]
        all_of_them = own or [(c, e) for c, call in self._calls.items() if (e := expression_of(call))]
        for called, expression in all_of_them:
            if called in self._failed:
                continue
            call = self._calls[called]
            file, line = self._place(called.rpartition("/")[2], call, suite_file)
            found = assertion(call, expression, file, line)
            yield found if found.locator or "/" in called else _with_locator(found, locators.get(called, ""))

    def _place(self, called: str, call: dict[str, Any], suite_file: str) -> tuple[str, int]:
        frame = next(loose.tables(call, "stack"), None)
        if frame is not None:
            file, line = loose.text(frame, "file"), loose.whole(frame, "line")
        elif called in self._frames:
            file, line = self._frames[called].file, self._frames[called].line
        else:
            return "", 0
        is_suite = suite_file and file.replace("\\", "/").endswith(f"/{suite_file}")
        return suite_file if is_suite else re.split(r"[/\\]", file)[-1], line


def _is_dull(line: bytes) -> bool:
    """True for a snapshot of a page in which nothing was typed: most of a trace, and of no use here."""
    return b'"frame-snapshot"' in line[:60] and b"__playwright_value_" not in line


def _with_locator(found: Assertion, locator: str) -> Assertion:
    return replace(found, locator=locator[:500])
