"""Prove the pairs without Andon: green in test, red in production, and the truth alone makes the difference.

Four worlds each, flipped by hand: test; production; test with the truth alone as in production; production
with the truth alone as in test. For a pair without a gap: what its `[prove]` says of test and of production.
"""

from __future__ import annotations

import argparse
import http.client
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from urllib.parse import urlsplit

from andon.gaps.failure import Failure, Seen, is_the_failure, normal
from bench.gapbench.ground import Ground, Pair, ground, lacking, load, postgres_server, run_suite
from bench.gapbench.worlds import KINDS, Choice, Standing, standing, truth_alone


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
            is_the_failure(
                failure,
                Seen(
                    method=s.method, path=s.path, status=s.status, seconds=s.seconds, text=f"{s.text}\n{log}"
                ),
            )
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
        status, text = _ask(
            app.url, failure.method, failure.path, failure.body, failure.content_type or "application/json"
        )
        seen.append(
            Seen(
                method=failure.method,
                path=failure.path,
                status=status,
                text=text,
                seconds=time.perf_counter() - begun,
            )
        )

    threads = [threading.Thread(target=one) for _ in range(app.users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _page_fails(on: Ground, app: Standing, failure: Failure) -> bool:
    script = on.pair.truth.get("prove", {}).get("page")
    if script:
        ran = subprocess.run(
            ["python3", script, app.url],
            cwd=on.root,
            env=on.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        code, said = ran.returncode, ran.stdout + ran.stderr
    else:
        code, said = run_suite(on, app.url, traces=False)
    wanted = failure.text or failure.absent
    return code != 0 and normal(wanted) in normal(said)


def prove(pair: Pair, postgres: str) -> list[str]:
    """Return what is wrong with a pair; nothing when it is as its truth says."""
    wrong = []
    with ground(pair, postgres) as on:
        test, prod = Choice(), Choice(**dict.fromkeys(KINDS, "prod"))
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
            wrong += [
                f"{kind} alone already fails"
                for kind in pair.truth.get("kinds", ())
                if fails(on, replace(test, **{kind: "prod"}), postgres)
            ]
    return wrong


def main(argv: list[str] | None = None) -> int:
    """Prove the pairs that were asked for; 1 when one is not what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="beginnings of names")
    pairs = load(parser.parse_args(argv).only)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
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
            print(
                f"{pair.name:32} {'as it says' if not wrong else 'WRONG'} {time.monotonic() - begun:6.1f} s"
            )
            for line in wrong:
                print("   ", line)
            sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
