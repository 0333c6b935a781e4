"""A pair's application in a world put together by hand: what of it is from test, what from production."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from dotenv import dotenv_values

from bench.gapbench.ground import Ground, Pair, database_url, on_server
from bench.gapbench.stand_ins import recorded, service, slow_link, slow_way

LATENCY = {"none": 0.0, "slow-3g": 2000.0, "fast-3g": 562.5, "slow-4g": 562.5, "fast-4g": 165.0}
KINDS = ("environment", "data", "dependency", "scale", "network")


@dataclass(frozen=True)
class Choice:
    """Which world each kind is taken from, and what is done to it by hand on top."""

    environment: str = "test"
    data: str = "test"
    dependency: str = "test"
    scale: str = "test"
    network: str = "test"
    #: Variables that are as in the other world, and statements that are run on the copy of the database.
    keys: tuple[str, ...] = ()
    sql: str = ""


@dataclass(frozen=True)
class Standing:
    """An application that runs."""

    url: str
    log: Path
    users: int


def truth_alone(pair: Pair, base: str) -> Choice:
    """Return the `base` world with the truth, and nothing else, as in the other one."""
    other = "prod" if base == "test" else "test"
    choice = Choice(**dict.fromkeys(KINDS, base))
    by_hand = pair.truth.get("prove", {})
    by_rows = kinds_by_sql(pair)
    for kind in pair.truth.get("kinds", [pair.truth["answer"]]):
        if kind == "environment" and "keys" in by_hand:
            choice = replace(choice, keys=tuple(by_hand["keys"]))
        elif kind in by_rows and "plant" in by_hand:
            choice = replace(choice, sql=by_hand["plant" if base == "test" else "repair"])
        else:
            choice = replace(choice, **{kind: other})
    return choice


def kinds_by_sql(pair: Pair) -> tuple[str, ...]:
    """Return the kinds whose truth is put into the database by hand: values, and numbers of rows."""
    return ("data", "scale") if pair.truth.get("place", [""])[0] == "rows" else ("data",)


@contextmanager
def standing(on: Ground, choice: Choice, postgres: str) -> Iterator[Standing]:
    """Start the application in a world; everything is gone afterwards."""
    gap = on.pair.config["gap"]
    by_hand = on.pair.truth.get("prove", {})
    network = gap[choice.network]
    with ExitStack() as stack:
        home = on.root / f"world-{time.monotonic_ns()}"
        home.mkdir()
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        variables = _settings(on, choice)
        url = stack.enter_context(_copy(on, choice, home, postgres))
        if on.pair.is_postgres and network.get("database_latency"):
            url = stack.enter_context(_far(url, network["database_latency"]))
        variables["DATABASE_URL"] = url
        for told, slow in zip(gap[choice.dependency]["dependency"], network["dependency"], strict=True):
            answers = recorded(on.root / told["recording"])
            variables[told["variable"]] = stack.enter_context(service(answers, slow.get("latency", 0)))
        log = home / "log"
        start = list(gap["test"]["start"])
        if choice.environment == "prod" and "build" in by_hand:
            start = ["python3", by_hand["build"]]
        app = stack.enter_context(_application(on, start, variables, log))
        delays = by_hand.get("delays", {}) if choice.network == "prod" else {}
        latency = LATENCY[network.get("network", "none")]
        way = stack.enter_context(slow_way(app, latency, delays)) if latency or delays else app
        yield Standing(way, log, gap[choice.scale].get("users", 1))


def _settings(on: Ground, choice: Choice) -> dict[str, str]:
    gap = on.pair.config["gap"]
    both = {}
    for world in ("test", "prod"):
        read = dotenv_values(on.root / gap[world]["env"], interpolate=False)
        both[world] = {key: value or "" for key, value in read.items()} | gap[world].get("set", {})
    settings = dict(both[choice.environment])
    other = both["prod" if choice.environment == "test" else "test"]
    for key in choice.keys:
        if key in other:
            settings[key] = other[key]
        else:
            settings.pop(key, None)
    return settings


@contextmanager
def _copy(on: Ground, choice: Choice, home: Path, postgres: str) -> Iterator[str]:
    source = on.databases[choice.data]
    if not on.pair.is_postgres:
        shutil.copy(on.root / source.removeprefix("sqlite:"), home / "app.db")
        url = f"sqlite:{home / 'app.db'}"
        _run_sql(on, url, choice.sql)
        yield url
        return
    name = f"gapbench_copy_{os.getpid()}_{time.monotonic_ns()}"
    original = urlsplit(source).path.lstrip("/")
    on_server(postgres, f"CREATE DATABASE {name} TEMPLATE {original}")
    try:
        url = database_url(postgres, name)
        _run_sql(on, url, choice.sql)
        yield url
    finally:
        on_server(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _run_sql(on: Ground, url: str, statements: str) -> None:
    if statements:
        program = "import sys, kit.db\nwith kit.db.Database(sys.argv[1]) as db: db.script(sys.argv[2])"
        command = ["python3", "-c", program, url, statements]
        subprocess.run(command, cwd=on.root, env=on.environment, check=True)


@contextmanager
def _far(url: str, latency: float) -> Iterator[str]:
    import psycopg.conninfo

    told = psycopg.conninfo.conninfo_to_dict(url)
    host, port = str(told.get("host") or "localhost"), int(told.get("port") or 5432)

    def connect() -> socket.socket:
        if host.startswith("/"):
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{host}/.s.PGSQL.{port}")
            return far
        return socket.create_connection((host, port))

    with slow_link(connect, latency) as near:
        user = f"{told.get('user', '')}@" if told.get("user") else ""
        yield f"postgresql://{user}127.0.0.1:{near}/{told['dbname']}?sslmode=disable&gssencmode=disable"


@contextmanager
def _application(on: Ground, start: list[str], variables: dict[str, str], log: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {key: on.environment[key] for key in ("PATH", "HOME", "LANG") if key in on.environment}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", **variables, "PORT": str(port)}
    environment["PYTHONPATH"] = str(on.root)
    with log.open("w") as sink:
        process = subprocess.Popen(start, cwd=on.root, env=environment, stdout=sink, stderr=sink)
    try:
        deadline = time.monotonic() + 20
        while not _is_up(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{on.pair.name} does not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _is_up(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
            return True
    except (URLError, OSError):
        return False
