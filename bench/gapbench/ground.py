"""A pair of the benchmark, and the ground it is tried on: a copy with its own databases, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
BINARIES = Path(sys.executable).parent
MODULES = BINARIES.parent / "browser" / "node_modules"


@dataclass(frozen=True)
class Pair:
    """One pair: where it is, what is true of it, how it is configured."""

    name: str
    path: Path
    truth: dict[str, Any]
    config: dict[str, Any]

    @property
    def is_gap(self) -> bool:
        return "place" in self.truth or "places" in self.truth

    @property
    def has_browser(self) -> bool:
        return "chromium" in self.truth["needs"]

    @property
    def is_postgres(self) -> bool:
        return "postgres" in self.truth["needs"]

    @property
    def suite(self) -> list[str]:
        return list(self.config["gap"]["suite"])


@dataclass
class Ground:
    """A copy of a pair in a directory of its own."""

    pair: Pair
    root: Path
    environment: dict[str, str]
    #: Addresses of the two databases, as the application takes them.
    databases: dict[str, str] = field(default_factory=dict)


def load(only: list[str]) -> list[Pair]:
    """Return the pairs whose names begin with one of `only`, all for none."""
    found = []
    for path in sorted((HERE / "pairs").iterdir()):
        if (path / "truth.toml").exists() and (not only or any(path.name.startswith(one) for one in only)):
            truth = tomllib.loads((path / "truth.toml").read_text("utf-8"))
            config = tomllib.loads((path / "andon.toml").read_text("utf-8"))
            found.append(Pair(path.name, path, truth, config))
    return found


def lacking(pair: Pair, postgres: str) -> str:
    """Return what this machine lacks for a pair; "" for nothing."""
    has = {
        "chromium": shutil.which("chromium") is not None,
        "node": shutil.which("node") is not None and (MODULES.exists() or pair.suite[0] == "node"),
        "postgres": bool(postgres),
    }
    return ", ".join(need for need in pair.truth["needs"] if not has[need])


@contextmanager
def postgres_server(pairs: list[Pair]) -> Iterator[str]:
    """Yield the address of a PostgreSQL of our own when one of the pairs needs it; "" otherwise."""
    with ExitStack() as stack:
        url = ""
        if any(pair.is_postgres for pair in pairs):
            sys.path.insert(0, str(REPOSITORY))
            from tests.postgres import NoServer, running_server

            try:
                url = stack.enter_context(running_server())
            except NoServer as error:
                print(f"no PostgreSQL: {error}", file=sys.stderr)
        yield url


def database_url(server: str, name: str) -> str:
    """Return the address of another database of the server."""
    base, mark, options = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}{mark}{options}"


def on_server(server: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@contextmanager
def ground(pair: Pair, postgres: str) -> Iterator[Ground]:
    """Yield a copy of the pair with the kit beside it and both databases filled."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"gapbench-{pair.name}-")))
        shutil.copytree(pair.path, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(HERE / "kit", root / "kit", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "data").mkdir()
        if pair.suite[0] == "npx":
            (root / "node_modules").symlink_to(MODULES)
        made = Ground(pair, root, _environment())
        for world in ("test", "prod"):
            url = f"sqlite:data/{world}.db"
            if pair.is_postgres:
                name = f"gapbench_{pair.name.replace('-', '_')}_{world}_{os.getpid()}"
                on_server(postgres, f"CREATE DATABASE {name}")
                stack.callback(on_server, postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                url = database_url(postgres, name)
                made.environment[f"GAPBENCH_{world.upper()}_DATABASE"] = url
            made.databases[world] = url
            subprocess.run(
                ["python3", "-m", "kit.seeded", url, world], cwd=root, env=made.environment, check=True
            )
        yield made


def _environment() -> dict[str, str]:
    kept = ("HOME", "LANG", "LC_ALL", "USER", "TMPDIR", "XDG_CACHE_HOME")
    return {
        **{key: os.environ[key] for key in kept if key in os.environ},
        "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CI": "1",
    }


def suite_command(on: Ground, *, traces: bool) -> tuple[list[str], dict[str, str]]:
    """Return the suite's command and what its environment has on top, with artefacts in `results`."""
    command, more = on.pair.suite, {}
    (on.root / "results").mkdir(exist_ok=True)
    if command[0] == "npx":
        more["PLAYWRIGHT_JSON_OUTPUT_FILE"] = str(on.root / "results" / "report.json")
        command = [*command, "--reporter=line,json", *(["--trace", "on"] if traces else [])]
    elif command[0] == "pytest":
        command = [*command, "--junitxml", "results/junit.xml", "-p", "no:cacheprovider"]
        if on.pair.has_browser and traces:
            command += ["--tracing", "on", "--output", "test-results"]
    else:
        command = ["results/junit.xml" if word == "{report}" else word for word in command]
    return command, more


def run_suite(on: Ground, url: str, *, traces: bool, patience: float = 120.0) -> tuple[int, str]:
    """Run the suite against `url`; return its exit code and what it said."""
    command, more = suite_command(on, traces=traces)
    ran = subprocess.run(
        command,
        cwd=on.root,
        env={**on.environment, **more, "BASE_URL": url},
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr
