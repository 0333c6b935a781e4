"""The blob report of Playwright Test, version 2: a run's events as JSON lines, traces beside them. Pure."""

from __future__ import annotations

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.found import ARROW, FoundTest, Piece, Told
from andon.gaps.artefacts.playwright_json import TESTS, commit_of, outcome_of
from andon.gaps.artefacts.steps import assertion, expression_of
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from andon.gaps.artefacts.kept_out import Credentials
    from andon.gaps.beliefs import Assertion

#: The entry with the events.
EVENTS = "report.jsonl"
#: Assertions of one test that are kept.
_ASSERTIONS = 2000


class _Named(Record):
    file: str
    line: int
    title: str


def read_blob(content: bytes, secrets: Credentials) -> Piece:
    """Return the tests of a blob report's events."""
    reader = _Reader()
    for event in loose.lines(content):
        secrets.scan(event)
        step = loose.table(event, "params", "step")
        if step:
            secrets.add_typed(step)
        reader.take(loose.text(event, "method"), loose.table(event, "params"))
    return Piece(sort="Playwright's blob report", tests=reader.tests(), told=reader.told)


class _Reader:
    """Adds up the events; of a test that was retried, all attempts."""

    def __init__(self) -> None:
        self.told = Told(flavour="playwright")
        self._named: dict[str, _Named] = {}
        self._steps: dict[str, dict[str, Assertion]] = {}
        self._traces: dict[str, list[str]] = {}
        self._ended: dict[str, list[tuple[str, str, float]]] = {}

    def take(self, method: str, params: dict[str, Any]) -> None:
        """Take one event; one that is not known is passed over."""
        test = loose.text(params, "testId")
        if method == "onConfigure":
            config = loose.table(params, "config")
            self.told = Told(
                flavour="playwright",
                version=loose.text(config, "version"),
                commit=commit_of(loose.table(config, "metadata")),
            )
        elif method == "onProject":
            self._name(loose.table(params, "project"))
        elif method == "onStepBegin":
            self._step(test, loose.table(params, "step"))
        elif method == "onStepEnd":
            step = loose.table(params, "step")
            if step.get("error"):
                self._steps.get(test, {}).pop(loose.text(step, "id"), None)
        elif method == "onAttach":
            self._attached(test, list(loose.tables(params, "attachments")))
        elif method == "onTestEnd":
            self._end(params)

    def _name(self, project: dict[str, Any]) -> None:
        """Remember what tests are called, from the tree of suites."""
        waiting: list[tuple[dict[str, Any], tuple[str, ...]]] = [
            (entry, ()) for suite in loose.tables(project, "suites") for entry in _inner(suite)
        ]
        while waiting and len(self._named) < TESTS:
            entry, titles = waiting.pop()
            title = loose.text(entry, "title")
            if test := loose.text(entry, "testId"):
                self._named[test] = _Named(
                    file=loose.text(entry, "location", "file"),
                    line=loose.whole(entry, "location", "line"),
                    title=ARROW.join((*titles, title)),
                )
            else:
                waiting += [(inner, (*titles, title)[:50]) for inner in _inner(entry)]

    def _step(self, test: str, step: dict[str, Any]) -> None:
        expression = expression_of(step) if step.get("category") == "expect" else ""
        known = self._steps.setdefault(test, {}) if expression else {}
        if expression and len(known) < _ASSERTIONS:
            file, line = loose.text(step, "location", "file"), loose.whole(step, "location", "line")
            known[loose.text(step, "id")] = assertion(step, expression, file, line)

    def _attached(self, test: str, attachments: list[dict[str, Any]]) -> None:
        known = self._traces.setdefault(test, [])
        known += [loose.text(one, "path") for one in attachments if loose.text(one, "name") == "trace"][:20]

    def _end(self, params: dict[str, Any]) -> None:
        test, result = loose.table(params, "test"), loose.table(params, "result")
        self._ended.setdefault(loose.text(test, "testId"), []).append(
            (
                loose.text(result, "status"),
                loose.text(test, "expectedStatus"),
                loose.number(result, "duration"),
            )
        )
        # Versions before 1.58 or so attach with the end of the test.
        self._attached(loose.text(test, "testId"), list(loose.tables(result, "attachments")))

    def tests(self) -> tuple[FoundTest, ...]:
        """Return what was added up."""
        found = []
        for test, named in self._named.items():
            ended = self._ended.get(test, [])
            outcome = outcome_of(*ended[-1][:2]) if ended else "unclear"
            if outcome == "passed" and any(outcome_of(*one[:2]) == "failed" for one in ended):
                outcome = "flaky"
            found.append(
                FoundTest(
                    file=named.file,
                    line=named.line,
                    title=named.title,
                    outcome=outcome,
                    seconds=ended[-1][2] / 1000 if ended else 0.0,
                    assertions=tuple(self._steps.get(test, {}).values()),
                    traces=tuple(self._traces.get(test, ())),
                )
            )
        return tuple(found)


def _inner(suite: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is in a suite: `entries`, or by the older words `suites` and `tests`."""
    return [one for key in ("entries", "suites", "tests") for one in loose.tables(suite, key)]
