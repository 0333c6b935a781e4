"""What a suite that passed believes of the world, by its artefacts: where it went, what it expected."""

from __future__ import annotations

from andon.gaps.failure import endpoint_of
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Exchange(Record):
    """One request that a suite, or an experiment, made, and its answer. Bodies are redacted and cut."""

    method: str
    #: Scheme, host and port as sent; "" when only a path is known.
    origin: str = ""
    #: Path and query.
    path: str
    #: 0 when no answer came.
    status: int = 0
    #: Seconds after the first request of the run, and seconds until the answer was whole.
    started: float = 0.0
    seconds: float = 0.0
    #: True when the suite itself made up the answer (page.route, a HAR).
    is_mocked: bool = False
    #: `document`, `fetch`, `script`, `image`, ...; `api` for the request fixture; "" when not known.
    resource: str = ""
    content_type: str = ""
    #: Answer's headers by lower-case name; none that carries a credential.
    headers: tuple[tuple[str, str], ...] = ()
    #: The request's body and the answer's, as text; "" for none, or for one that is no text.
    sent: str = ""
    answer: str = ""
    #: Why no answer came.
    problem: str = ""


class Assertion(Record):
    """Something that a test asked for and found."""

    #: `to.have.text`, `toBeVisible`, ...
    expression: str
    locator: str = ""
    expected: str = ""
    #: Test file and line, as the suite names it; "" and 0 when not known.
    file: str = ""
    line: int = 0


class TestBelief(Record):
    """One test of the suite and what its artefacts hold."""

    #: As the suite's own runner takes it: `checkout.spec.ts:12`, `tests/test_shop.py::test_buy`.
    id: str
    title: str
    #: `passed`, `failed`, `flaky`, `skipped`, `unclear`.
    outcome: str
    seconds: float = 0.0
    exchanges: tuple[Exchange, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    #: What the browser's console said at level error although the test passed.
    console_errors: tuple[str, ...] = ()
    #: False when the artefacts hold nothing that would tell where it went.
    is_traced: bool = False


class Beliefs(Record):
    """All that the artefacts of one suite say."""

    #: `playwright`, `pytest`, `junit`; "" when nothing could be read.
    flavour: str = ""
    tests: tuple[TestBelief, ...] = ()
    base_url: str = ""
    viewport: str = ""
    locale: str = ""
    timezone: str = ""
    browser: str = ""
    #: Version of the runner, and the commit the report names.
    version: str = ""
    commit: str = ""
    #: Files that were read, with what they were, and those that could not be, with the reason.
    read: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    #: How many secrets were taken out while reading.
    redactions: int = 0

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The requests of all tests."""
        return tuple(exchange for test in self.tests for exchange in test.exchanges)

    @property
    def slowest(self) -> float:
        """Seconds of the slowest answer that was not made up; 0 when there is none."""
        return max((e.seconds for e in self.exchanges if not e.is_mocked), default=0.0)

    @property
    def slowest_endpoint(self) -> str:
        """Where the slowest answer came from; "" when there is none."""
        found = (e for e in self.exchanges if not e.is_mocked and e.seconds == self.slowest > 0)
        return next((endpoint_of(e.method, e.path) for e in found), "")

    @property
    def console_errors(self) -> tuple[str, ...]:
        """What the console said at level error in tests that passed, each text once."""
        said = (text for test in self.tests if test.outcome == "passed" for text in test.console_errors)
        return tuple(dict.fromkeys(said))

    def by_endpoint(self) -> dict[str, tuple[Exchange, ...]]:
        """Return the requests to each endpoint, in the order in which the tests first went there."""
        found: dict[str, list[Exchange]] = {}
        for one in self.exchanges:
            found.setdefault(endpoint_of(one.method, one.path), []).append(one)
        return {name: tuple(requests) for name, requests in found.items()}

    def at(self, method: str, path: str) -> tuple[Exchange, ...]:
        """Return the requests to one endpoint, whatever identities are in the path."""
        wanted = endpoint_of(method, path)
        return tuple(e for e in self.exchanges if endpoint_of(e.method, e.path) == wanted)


def plain(beliefs: Beliefs) -> dict[str, Any]:
    """Return what may be shown and kept of them: no body, and no value that a test asked for."""
    return {
        "flavour": beliefs.flavour,
        "tests": [{"id": t.id, "title": t.title, "outcome": t.outcome} for t in beliefs.tests],
        "endpoints": [
            {
                "endpoint": name,
                "requests": len(requests),
                "mocked": sum(1 for one in requests if one.is_mocked),
                "statuses": sorted({one.status for one in requests if one.status}),
                "slowest_seconds": round(
                    max((e.seconds for e in requests if not e.is_mocked), default=0.0), 4
                ),
            }
            for name, requests in beliefs.by_endpoint().items()
        ],
        "assertions": sum(len(test.assertions) for test in beliefs.tests),
        "slowest_seconds": round(beliefs.slowest, 4),
        "slowest_endpoint": beliefs.slowest_endpoint,
        "console_errors": list(beliefs.console_errors),
        **{f: getattr(beliefs, f) for f in ("base_url", "browser", "viewport", "locale", "timezone")},
        "problems": list(beliefs.problems),
    }
