"""Small applications for the tests of worlds, and settings files beside them."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from andon.config.model_gap import GapConfig, WorldConfig
from andon.gaps.experiment import Setting
from andon.production.gap.environment import EnvironmentDimension

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from andon.production.gap.app import App

#: Answers /health, and at any other path what a line of Python makes of the request.
SHOP = """
import http.server, os, signal, subprocess, sys, time
class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status, text = 200, "ok" if self.path == "/health" else str(answer(self))
        except Exception as problem:
            status, text = 500, "broken"
            print(type(problem).__name__, problem, file=sys.stderr, flush=True)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())
    def log_message(self, *_): pass
def answer(request):
    return {answer}
{before}
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["{variable}"])), Shop).serve_forever()
"""


class Redactor:
    """The port `Redactor` that knows nothing: what it would have to hide must not reach it."""

    def redact_words(self, text: str) -> str:
        """Return the text."""
        return text

    def know(self, values: Sequence[bytes]) -> None:
        """Take them: nothing of it reaches this one."""


def write_shop(
    root: Path, answer: str = "os.environ.get('STORE')", before: str = "", variable: str = "PORT"
) -> None:
    """Write the application."""
    text = SHOP.replace("{answer}", answer).replace("{before}", before).replace("{variable}", variable)
    (root / "shop.py").write_text(text)


def world(**changes: Any) -> WorldConfig:
    """Return a world that starts the application."""
    given: dict[str, Any] = {
        "start": (sys.executable, "-IS", "shop.py"),
        "health": "/health",
        "env": ".env.test",
    }
    return WorldConfig(**(given | changes))


def dimension(root: Path, test: WorldConfig, prod: WorldConfig, **changes: Any) -> EnvironmentDimension:
    """Return the environment of two worlds."""
    given: dict[str, Any] = {"gap": GapConfig(), "dependencies": (), "redactor": Redactor()} | changes
    return EnvironmentDimension(
        given.pop("gap"), test, prod, given.pop("dependencies"), str(root), given.pop("redactor"), **given
    )


@contextmanager
def started(
    root: Path, test: WorldConfig, environment: EnvironmentDimension, parts: Any = ()
) -> Iterator[tuple[App, Setting]]:
    """Start the application with some parts as in production."""
    from andon.production.gap.app import running

    home = root / "home"
    home.mkdir(exist_ok=True)
    setting = Setting(str(home), {})
    with environment.prepare(setting, parts), running(test, setting, str(root)) as app:
        yield app, setting
