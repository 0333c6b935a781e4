"""Run `andon gap` on the pairs, and print what came of it beside the truth."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.gapbench.ground import BINARIES, Ground, Pair, ground, lacking, load, postgres_server, run_suite
from bench.gapbench.judge import Result, broken, judged, totals
from bench.gapbench.worlds import Choice, standing

#: The command's own hard stop is ten minutes; beyond this it hangs.
PATIENCE = 720.0
FLAGS = {
    "path": "--url",
    "method": "--method",
    "body": "--body",
    "content_type": "--content-type",
    "status": "--status",
    "text": "--text",
    "absent": "--absent",
    "slower_than": "--slower-than",
}


def command(pair: Pair, tier: str, andon: str) -> list[str]:
    """Return the command line for a pair's failure."""
    words = [andon, "gap", "--json", "--yes"]
    for key, value in pair.truth["failure"].items():
        words.append(f"{FLAGS[key]}={value}")
    return [*words, "--observe"] if tier == "observe" else words


def green_run(on: Ground, postgres: str) -> None:
    """Let the suite leave the artefacts of a run that passed; a second try for a cold machine."""
    for attempt in (1, 2):
        with standing(on, Choice(), postgres) as app:
            code, said = run_suite(on, app.url, traces=True)
        if code == 0:
            return
        if attempt == 2:
            raise SystemExit(f"{on.pair.name}: the suite is not green in the test world:\n{said[-2000:]}")


def once(pair: Pair, postgres: str, options: argparse.Namespace) -> Result:
    """Return what the command says of a pair, from nothing to the verdict."""
    with ground(pair, postgres) as on:
        green_run(on, postgres)
        subprocess.run(["git", "init", "-q"], cwd=on.root, env=on.environment, check=True)
        home = on.root / ".home"
        home.mkdir()
        begun = time.monotonic()
        out, err = said(command(pair, options.tier, options.andon), on, {"HOME": str(home)})
        seconds = time.monotonic() - begun
        if options.keep is not None:
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"{pair.name}.{options.tier}.json").write_text(out, "utf-8")
            (options.keep / f"{pair.name}.{options.tier}.err").write_text(err, "utf-8")
        return read(pair, out, err, seconds)


def said(command: list[str], on: Ground, more: dict[str, str]) -> tuple[str, str]:
    """Return what a command says; one that hangs, or is not wanted any more, may tidy up before it ends."""
    process = subprocess.Popen(
        command,
        cwd=on.root,
        env={**on.environment, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        return process.communicate(timeout=PATIENCE)
    except BaseException as problem:
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        if not isinstance(problem, subprocess.TimeoutExpired):
            raise
        return out, f"{err}\nno answer within {PATIENCE:.0f} s"


def read(pair: Pair, out: str, err: str, seconds: float) -> Result:
    """Return the result that the command's output is."""
    try:
        search: Any = json.loads(out)
        return judged(pair.name, pair.truth, search, seconds)
    except (ValueError, KeyError, TypeError):
        last = (err.strip() or out.strip() or "nothing was said").splitlines()[-1]
        return broken(pair.name, pair.truth, seconds, last)


@contextmanager
def load_beside(count: int) -> Iterator[None]:
    """Keep `count` processes busy meanwhile."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def line(result: Result) -> str:
    """Return a result as a line of the table."""
    exact = "exact" if result.is_exact else "-"
    return (
        f"{result.pair:26} {result.outcome:9} {result.answer or '-':12} {result.tier or '-':9} {exact:6}"
        f"{result.seconds:6.0f} s {result.runs:5} {result.requests:6}  {result.place or result.told[:60]}"
    )


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; 1 when a gap got a wrong answer, a no-gap an alarm, or the command broke."""
    parser = argparse.ArgumentParser(prog="bench/gapbench.py", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="beginning of names")
    parser.add_argument("--tier", choices=("replay", "observe"), default="replay")
    parser.add_argument("--runs", type=int, default=1, help="of every pair")
    parser.add_argument("--loaded", action="store_true", help="with two busy processes beside")
    parser.add_argument("--json", metavar="FILE", help="all results, with the verdicts")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="what the command said, pair by pair")
    parser.add_argument("--andon", default=str(BINARIES / "andon"), metavar="FILE", help="the command")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pairs = load(options.only)
    results: list[Result] = []
    print(f"{'pair':26} {'outcome':9} {'answer':12} {'tier':9} {'place':6}{'':8} runs  sent", flush=True)
    with postgres_server(pairs) as postgres, load_beside(2 if options.loaded else 0):
        for pair in pairs:
            lacks = lacking(pair, postgres)
            if lacks:
                print(f"{pair.name:26} not tried: no {lacks}")
                continue
            for _ in range(options.runs):
                results.append(once(pair, postgres, options))
                print(line(results[-1]), flush=True)
    print("\n" + "\n".join(totals(results)))
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(one) for one in results], indent=1) + "\n", "utf-8")
    return 1 if any(r.outcome in ("WRONG", "BROKEN") or r.is_false_alarm for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
