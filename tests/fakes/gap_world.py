"""A world for the laboratory's tests: fake dimensions and suite, an application that answers in here."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs, Exchange
from andon.gaps.experiment import Conditions, Held, Observed, Part, Ran, Setting
from andon.gaps.failure import Failure
from andon.gaps.suite import SuiteRan, TestRan
from andon.gaps.words import Kind
from andon.record import replace


class FakeDimension:
    """One kind: its parts become variables of the application."""

    def __init__(self, kind: Kind, *names: str, holds: bool | None = True) -> None:
        self.kind = kind
        self._parts = tuple(Part(kind=kind, place=(name,)) for name in names)
        self._holds = holds
        self.open = 0
        #: What was known after the last replay in which it was flipped.
        self.ran = Ran()
        self.refuses = ""
        self.sleeps: Callable[[], None] = lambda: None

    def observe(self, beliefs: Beliefs, failure: Failure) -> Observed:
        self.sleeps()
        if self.refuses:
            raise Unavailable(self.refuses)
        return Observed(kind=self.kind, looked=f"{self.kind} was looked at")

    def parts(self) -> tuple[Part, ...]:
        return self._parts

    def cannot(self) -> str:
        return ""

    def split(self, part: Part) -> tuple[Part, ...]:
        return ()

    @contextlib.contextmanager
    def prepare(self, setting: Setting, parts: Collection[Part]) -> Iterator[None]:
        if self.refuses:
            raise Unavailable(self.refuses)
        self.open += 1
        try:
            for part in parts:
                if part.kind is self.kind:
                    setting.variables["_".join(part.place)] = "production"
            if any(part.place == ("users",) for part in parts):
                setting.conditions = replace(setting.conditions, users=4)
            yield
        finally:
            self.open -= 1

    def took_hold(self, parts: Collection[Part], ran: Ran) -> Held | None:
        if not any(part.kind is self.kind for part in parts):
            return None
        self.ran = ran
        return Held(kind=self.kind, holds=self._holds, told=ran.ended or "as it was asked")


class FakeSuite:
    """Answers what it is told to."""

    flavour = "pytest"

    def __init__(self, ran: Callable[[Conditions], SuiteRan]) -> None:
        self._ran = ran
        self.asked: list[Conditions] = []
        self.problem = ""

    def run(
        self, url: str, tests: Sequence[str], conditions: Conditions, *, patience: float, home: str
    ) -> SuiteRan:
        self.asked.append(conditions)
        return self._ran(conditions)

    def cannot(self) -> str:
        return self.problem


def failing(message: str) -> Callable[[Conditions], SuiteRan]:
    """Return a suite's answer: every run fails with this message; "" passes."""

    def ran(conditions: Conditions) -> SuiteRan:
        outcome = "failed" if message else "passed"
        test = TestRan(id="test_shop.py::test_buy", title="buy", outcome=outcome, message=message)
        return SuiteRan(tests=(test,) * conditions.times)

    return ran


class FakeApp:
    """An application: `answer(variables, path)` is what it says."""

    def __init__(
        self, variables: dict[str, str], answer: Callable[[dict[str, str], str], tuple[int, str]]
    ) -> None:
        self._variables = variables
        self.logged = ""
        self.got: list[Exchange] = []
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, text = answer(variables, self.path)
                app.got.append(Exchange(method="GET", path=self.path, status=status))
                if status >= 500:
                    app.logged += f"Traceback: KeyError: {text}\n"
                    text = "Internal Server Error"
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        #: How it ended; "" while it runs.
        self.has_ended = ""
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> FakeApp:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def log(self, place: int) -> tuple[str, int]:
        return ("" if place < 0 else self.logged[place:]), len(self.logged)

    def environment(self) -> tuple[tuple[str, str], ...]:
        return () if self.has_ended else tuple(self._variables.items())

    def ended(self) -> str:
        return self.has_ended

    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self.got)

    def most_at_once(self) -> int:
        return 1
