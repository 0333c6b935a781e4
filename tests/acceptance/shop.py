"""The small vocabulary of the acceptance tests: a shop with releases, a production that answers, and Andon.

Everything lies in one temporary directory; Andon is the installed program, in a process of its own. Only the
steps that lead to what a test is about, and the questions afterwards, may be forks (see forked.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.acceptance.forked import run_forked

#: The installed program; `python -m andon` where it was not installed.
INSTALLED = Path(sys.executable).with_name("andon")
ANDON = [str(INSTALLED)] if INSTALLED.exists() else [sys.executable, "-m", "andon"]
#: Exit codes Andon may end with on purpose; 4 is a bug and is never expected.
CODES = (0, 1, 2, 3, 130)
RELEASES = ("v1.0.0", "v1.1.0", "v1.2.0")
#: The release that breaks checkout.
BROKEN = "v1.2.0"

TOML = """\
service = "shop"
{extra}
[deploy]
{deploy}
timeout = 20
settle = 0

[[smoke]]
name = "health"
url = "{url}/health"
covers = "web"
timeout = 5

[[smoke]]
name = "checkout"
url = "{url}/checkout"
covers = "checkout"
timeout = 5

[[logs]]
name = "app"
file = "{log}"

{more}
"""

#: A deploy tool of a team: counts its runs, then does what `$MODE` in its directory says.
DEPLOY_TOOL = """\
import os, pathlib, sys, time
here = pathlib.Path(__file__).parent
with (here / "runs").open("a") as runs:
    runs.write(os.environ["ANDON_OPERATION"] + " " + sys.argv[1] + "\\n")
mode = (here / "mode").read_text() if (here / "mode").exists() else ""
exec(compile(mode, "mode", "exec"))
fresh = here / f"current.{os.getpid()}"
fresh.symlink_to(here / "releases" / sys.argv[1])
fresh.replace(here / "current")
print("deployed", sys.argv[1])
"""


def commit(version: str) -> str:
    """Return a commit and its tag in the language of `git fast-import`."""
    texts = {".gitignore": ".env\n", "app.py": f"VERSION = {version!r}\n"}
    files = "".join(f"M 644 inline {name}\ndata {len(text)}\n{text}\n" for name, text in texts.items())
    message = f"release {version}"
    return (
        "commit refs/heads/main\ncommitter Mina <mina@example.org> 1700000000 +0000\n"
        f"data {len(message)}\n{message}\n{files}reset refs/tags/{version}\nfrom refs/heads/main\n\n"
    )


class Production(ThreadingHTTPServer):
    """Answers as the release behind `current` would, and logs what it did."""

    daemon_threads = True

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        #: What the broken release says.
        self.body = b'{"error": "price is missing"}'
        self.line = "ERROR checkout failed: KeyError: 'price'"
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client may hang up."""


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: Production

    def do_GET(self) -> None:
        shop = self.server.shop
        broken = shop.running() == BROKEN and self.path == "/checkout"
        shop.write_log(self.server.line if broken else f"INFO {self.path} ok")
        body = self.server.body if broken else b'{"ok": true}'
        self.send_response(500 if broken else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Shop:
    """A team's repository, its production and the people who give commands."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.repository = home / "shop"
        self.place = home / "production"
        self.log = home / "app.log"
        #: Says by its `now(flag)` which variant production serves, where a flag decides whether it is broken.
        self.program: Any = None
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home / "home"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "TMPDIR": str(home / "tmp"),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "ANDON_DELIVERY": "manual",
            "ANDON_ACTOR": "mina",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        if "PYTHONPATH" in os.environ:  # somebody tries another copy of the source
            self.environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        for name in ("home", "tmp"):
            (home / name).mkdir()
        self.production = Production(self)
        self._thread = threading.Thread(target=self.production.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    # ---- making it

    def close(self) -> None:
        """Stop production."""
        self.production.shutdown()
        self.production.server_close()
        self._thread.join()

    def build(self) -> Shop:
        """Make the repository, the releases and the configuration."""
        self.repository.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("fast-import", "--quiet", told="".join(map(commit, RELEASES)))
        self.git("reset", "-q", "--hard")
        for age, version in zip((3, 2), RELEASES, strict=False):
            self.release(version, days_ago=age)
        self.switch("v1.1.0")
        self.write_log("INFO started")
        self.configure()
        return self

    def release(self, version: str, days_ago: float = 0) -> None:
        """Put a release directory into production."""
        directory = self.place / "releases" / version
        directory.mkdir(parents=True, exist_ok=True)
        commit = (self.repository / ".git" / "refs" / "tags" / version).read_text().strip()
        at = datetime.now(UTC) - timedelta(days=days_ago)
        said = {"commit": commit, "deployed_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        (directory / ".andon-release.json").write_text(json.dumps(said))

    def configure(self, *, deploy: str = "", extra: str = "", more: str = "", log: str = "") -> None:
        """Write andon.toml: release directories, two smoke tests and a log, unless told otherwise."""
        self.toml(
            TOML.format(
                extra=extra,
                deploy=deploy or f'kind = "symlink"\nroot = "{self.place}"',
                url=self.production.url,
                log=log or self.log,
                more=more,
            )
        )

    def deploy_by_command(self, mode: str = "", *, timeout: float = 20, more: str = "") -> None:
        """Use the team's own deploy tool, which counts its runs and does what `mode` (Python) says first."""
        tool = self.place / "tool.py"
        tool.write_text(DEPLOY_TOOL)
        (self.place / "mode").write_text(mode)
        where = json.dumps(str(self.place))
        told = f"import os; print(os.path.basename(os.path.realpath(os.path.join({where}, 'current'))))"
        listed = f"import os; print(*sorted(os.listdir(os.path.join({where}, 'releases'))), sep=chr(10))"
        lists = {
            "deploy": [sys.executable, "-S", str(tool), "{version}"],
            "running": [sys.executable, "-S", "-c", told],
            "releases": [sys.executable, "-S", "-c", listed],
        }
        lines = ['kind = "command"', *(f"{name} = {json.dumps(argv)}" for name, argv in lists.items())]
        self.configure(deploy="\n".join(lines), more=more)
        if timeout != 20:
            text = self.toml_path.read_text().replace("timeout = 20", f"timeout = {timeout}")
            self.toml(text)

    @property
    def toml_path(self) -> Path:
        return self.repository / "andon.toml"

    def toml(self, text: str) -> None:
        """Write the configuration."""
        self.toml_path.write_text(text)

    def git(self, *words: str, told: str = "") -> str:
        """Run git in the repository, with `told` as its input."""
        who = ("-c", "user.name=Mina", "-c", "user.email=mina@example.org")
        return subprocess.run(
            ["git", *who, *words],
            cwd=self.repository,
            env=self.environment,
            input=told,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    # ---- production

    def running(self) -> str:
        """Return the release behind `current`."""
        return os.path.basename(os.path.realpath(self.place / "current"))

    def switch(self, version: str) -> None:
        """Deploy a release without Andon."""
        fresh = self.place / "current.new"
        fresh.symlink_to(self.place / "releases" / version)
        fresh.replace(self.place / "current")

    def write_log(self, line: str) -> None:
        """Add a line to the log of production."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {line}\n")

    def break_it(self) -> None:
        """Know v1.1.0 to be good, then deploy the release that breaks checkout."""
        self.quickly("verify")
        self.release(BROKEN)
        self.switch(BROKEN)
        self.quickly("deployed", BROKEN)

    def deploys(self) -> list[str]:
        """Return what the deploy tool was run for, in order: `operation version`."""
        runs = self.place / "runs"
        return runs.read_text().splitlines() if runs.exists() else []

    # ---- giving commands

    def andon(
        self, *words: str, code: int | tuple[int, ...] = 0, cwd: Path | None = None, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of Andon to its end, check its exit code and that nothing harmful was printed."""
        done = subprocess.run(
            [*ANDON, *words],
            cwd=cwd or self.repository,
            env={**self.environment, **extra},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=90,
            check=False,
        )
        return checked(words, done, code)

    def quickly(
        self, *words: str, code: int | tuple[int, ...] = 0, cwd: Path | None = None, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that leads to what a test is about, or asks what came of it, in a fork; check it."""
        done = run_forked(words, cwd or self.repository, {**self.environment, **extra})
        return checked(words, done, code)

    def ask(self, *words: str, code: int | tuple[int, ...] = 0, **extra: str) -> Any:
        """Run a command with --json as `quickly` does and return the one document it prints."""
        return json.loads(self.quickly(*words, "--json", code=code, **extra).stdout)

    def json(self, *words: str, code: int | tuple[int, ...] = 0, **extra: str) -> Any:
        """Run a command with --json and return the one document it prints."""
        return json.loads(self.andon(*words, "--json", code=code, **extra).stdout)

    def start(self, *words: str, **extra: str) -> subprocess.Popen[bytes]:
        """Start a command and return it running."""
        return subprocess.Popen(
            [*ANDON, *words],
            cwd=self.repository,
            env={**self.environment, **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def declare(self, title: str = "checkout answers 500", *words: str) -> str:
        """Pull the cord without capturing and return the incident's id."""
        return str(self.ask("declare", title, "--severity", "P0", "--no-capture", *words)["incident"])

    def texts(self, incident: str = "") -> list[str]:
        """Return the history of the incident as it is told."""
        words = (incident,) if incident else ()
        return [entry["text"] for entry in self.ask("timeline", *words)["entries"]]

    @property
    def journal(self) -> Path:
        """The embedded journal of the shop."""
        return self.home / "data" / "andon" / "shop" / "journal.db"

    def journal_bytes(self) -> bytes:
        """Return everything that lies in the journal's directory, byte by byte."""
        return b"".join(p.read_bytes() for p in sorted(self.journal.parent.iterdir()) if p.is_file())


def checked(
    words: tuple[str, ...], done: subprocess.CompletedProcess[bytes], code: int | tuple[int, ...]
) -> subprocess.CompletedProcess[str]:
    """Return how a command ended; fails on the wrong exit code, a traceback or a control character."""
    wanted = code if isinstance(code, tuple) else (code,)
    output = done.stdout + b"\n" + done.stderr
    said = f"andon {' '.join(words)[:200]}: {done.returncode}\n{output.decode(errors='replace')[-4000:]}"
    assert b"Traceback" not in output, said
    assert done.returncode in wanted, said
    harmful = [byte for byte in set(output) if byte < 32 and byte not in b"\n\t"]
    assert not harmful, f"{harmful}: {said}"
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def explains(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that a refusal says what happened, where, and the way out."""
    assert "way out:" in done.stderr, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def wait_for(condition: Callable[[], Any], what: str, patience: float = 60.0) -> Any:
    """Return what `condition` returns once that is true; fails after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)
    return found


@contextmanager
def open_shop(home: Path) -> Iterator[Shop]:
    """Yield a shop that is built below `home`; its production is stopped at the end."""
    shop = Shop(home)
    try:
        yield shop.build()
    finally:
        shop.close()
