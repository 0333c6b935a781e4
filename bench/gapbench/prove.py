"""Prove the pairs without Andon: green in test, red in production, and the truth alone makes the difference.

Four worlds each, flipped by hand: test; production; test with the truth alone as in production; production
with the truth alone as in test. For a pair without a gap: what its `[prove]` says of test and of production.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from andon.gaps.failure import Failure, Seen, is_the_failure, normal
from bench.gapbench.ground import (
    Ground,
    Pair,
    database_url,
    ground,
    lacking,
    load,
    on_server,
    postgres_server,
    run_suite,
)
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
    choice = Choice(**{kind: base for kind in KINDS})
    by_hand = pair.truth.get("prove", {})
    for kind in pair.truth.get("kinds", [pair.truth["answer"]]):
        if kind == "environment" and "keys" in by_hand:
            choice = replace(choice, keys=tuple(by_hand["keys"]))
        elif kind in ("data", "scale") and "plant" in by_hand:
            choice = replace(choice, sql=by_hand["plant" if base == "test" else "repair"])
        else:
            choice = replace(choice, **{kind: other})
    return choice


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
        started = gap[choice.environment if by_hand.get("other_build") else "test"]
        app = stack.enter_context(_application(on, started, variables, log))
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
        program = (
            "import sys; from kit.db import Database\nwith Database(sys.argv[1]) as db: db.script(sys.argv[2])"
        )
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
def _application(on: Ground, world: dict[str, Any], variables: dict[str, str], log: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {key: on.environment[key] for key in ("PATH", "HOME", "LANG") if key in on.environment}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", **variables, "PORT": str(port)}
    directory = on.root / world.get("directory", ".")
    with log.open("w") as sink:
        process = subprocess.Popen(world["start"], cwd=directory, env=environment, stdout=sink, stderr=sink)
    try:
        deadline = time.monotonic() + 20
        while _ask(f"http://127.0.0.1:{port}", "GET", world["health"], "")[0] != 200:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{on.pair.name} does not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _ask(url: str, method: str, path: str, body: str, kind: str = "application/json") -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, path, body.encode(), {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except OSError:
        return 0, ""
    finally:
        connection.close()


def fails(on: Ground, choice: Choice, postgres: str, rounds: int = 3) -> bool:
    """True when the failure shows in a world: by its request from all users at once, else by the suite."""
    told = dict(on.pair.truth["failure"])
    failure = Failure(**told)
    with standing(on, choice, postgres) as app:
        if not failure.path:
            return _page_fails(on, app, failure)
        seen: list[Seen] = []
        for _ in range(rounds):
            _round(on, app, failure, seen)
        log = app.log.read_text("utf-8", "replace")
        return any(
            is_the_failure(failure, Seen(method=s.method, path=s.path, status=s.status, seconds=s.seconds,
                                         text=f"{s.text}\n{log}"))
            for s in seen
        )


def _round(on: Ground, app: Standing, failure: Failure, seen: list[Seen]) -> None:
    together = threading.Barrier(app.users)

    def one() -> None:
        together.wait()
        for before in on.pair.truth.get("prove", {}).get("journey", []):
            method, path = before.split(" ", 1)
            _ask(app.url, method, path, "{}")
        begun = time.perf_counter()
        status, text = _ask(app.url, failure.method, failure.path, failure.body,
                            failure.content_type or "application/json")
        seen.append(Seen(method=failure.method, path=failure.path, status=status, text=text,
                         seconds=time.perf_counter() - begun))

    threads = [threading.Thread(target=one) for _ in range(app.users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _page_fails(on: Ground, app: Standing, failure: Failure) -> bool:
    script = on.pair.truth.get("prove", {}).get("page")
    if script:
        ran = subprocess.run(["python3", script, app.url], cwd=on.root, env=on.environment,
                             capture_output=True, text=True, timeout=120, check=False)
        code, said = ran.returncode, ran.stdout + ran.stderr
    else:
        code, said = run_suite(on, app.url, traces=False)
    wanted = failure.text or failure.absent
    return code != 0 and normal(wanted) in normal(said)


def prove(pair: Pair, postgres: str) -> list[str]:
    """Return what is wrong with a pair; nothing when it is as its truth says."""
    wrong = []
    with ground(pair, postgres) as on:
        test, prod = Choice(), Choice(**{kind: "prod" for kind in KINDS})
        for _ in range(2):
            with standing(on, test, postgres) as app:
                code, said = run_suite(on, app.url, traces=False)
            if code != 0:
                wrong.append(f"the suite is not green in the test world: {said[-1500:]}")
        expected = pair.truth.get("prove", {}).get("fails_in", ["prod"])
        rounds = pair.truth.get("prove", {}).get("rounds", 3)
        for name, choice in (("test", test), ("prod", prod)):
            if fails(on, choice, postgres, rounds) != (name in expected):
                wrong.append(f"the failure {'does not show' if name in expected else 'shows'} in {name}")
        if pair.is_gap:
            if not fails(on, truth_alone(pair, "test"), postgres):
                wrong.append("test with the truth alone as in production does not fail")
            if fails(on, truth_alone(pair, "prod"), postgres):
                wrong.append("production without the truth fails")
            for kind in pair.truth.get("kinds", ()):
                if fails(on, replace(test, **{kind: "prod"}), postgres):
                    wrong.append(f"{kind} alone already fails")
    return wrong


def main(argv: list[str] | None = None) -> int:
    """Prove the pairs that were asked for; 1 when one is not what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="beginnings of names")
    pairs = load(parser.parse_args(argv).only)
    bad = 0
    with postgres_server(pairs) as postgres:
        for pair in pairs:
            lacks = lacking(pair, postgres)
            if lacks:
                print(f"{pair.name:32} not tried: no {lacks}")
                continue
            begun = time.monotonic()
            wrong = prove(pair, postgres)
            bad += bool(wrong)
            print(f"{pair.name:32} {'as it says' if not wrong else 'WRONG'} {time.monotonic() - begun:6.1f} s")
            for line in wrong:
                print("   ", line)
            sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
