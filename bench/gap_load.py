"""Does the load generator see what is there: rates and knees of ours, httpx, wrk and hey on the same servers.

Three servers of this machine: one that does nothing, one with a pool of five (50 answers a second at most, so
the knee is at 8 users), one that answers after 20 ms however many ask (no knee). `httpx`, `wrk` and
`hey` are taken when they are installed. Run: ./dev bench gap_load [--seconds N]
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from andon.gaps.beliefs import Exchange
from andon.gaps.scale.levels import Level, judge, knee_of, level
from andon.production.gap.load import LEVELS, Bounds, ramp
from andon.production.gap.null_server import null_server
from tests.fakes.crowded_app import crowded_app

PATHS = {"pool of 5": "/pooled", "20 ms, no limit": "/quick"}


def ours(url: str, path: str, seconds: float) -> tuple[tuple[Level, ...], str]:
    """Ramp with Andon's generator; its own judgement besides."""
    found = ramp(url, [Exchange(method="GET", path=path)], Bounds(seconds=seconds))
    judged = judge(found)
    return found.levels, judged.inconclusive and "inconclusive"


def httpx_ramp(url: str, path: str, seconds: float) -> tuple[tuple[Level, ...], str]:
    """The same ramp with httpx's asynchronous client."""
    import httpx

    async def one_level(users: int) -> Level:
        latencies: list[float] = []
        errors = 0
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=5.0) as client:
            began = time.monotonic()

            async def user() -> None:
                nonlocal errors
                while time.monotonic() < began + seconds:
                    asked = time.monotonic()
                    try:
                        errors += (await client.get(path)).status_code >= 500
                    except httpx.HTTPError:
                        errors += 1
                    latencies.append(time.monotonic() - asked)

            await asyncio.gather(*(user() for _ in range(users)))
            return level(users, time.monotonic() - began, latencies, errors)

    return tuple(asyncio.run(one_level(users)) for users in LEVELS), ""


def wrk(url: str, path: str, seconds: float) -> tuple[tuple[Level, ...], str]:
    """The same ramp with wrk: its rate and latencies as it prints them."""
    found = []
    for users in LEVELS:
        told = _said(["wrk", "-t1", f"-c{users}", f"-d{max(1, round(seconds))}s", "--latency", url + path])
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
        p50, p99 = (_seconds(re.search(rf"{n}%\s+([\d.]+\w+)", told)[1]) for n in (50, 99))
        found.append(Level(users=users, seconds=1.0, answers=round(rate), errors=0, p50=p50, p95=p99))
        if bad:
            share = int(bad[1]) / max(1, rate * seconds)
            found[-1] = Level(
                users=users,
                seconds=1.0,
                answers=round(rate),
                errors=round(rate * min(1, share)),
                p50=p50,
                p95=p99,
            )
    return tuple(found), ""


def hey(url: str, path: str, seconds: float) -> tuple[tuple[Level, ...], str]:
    """The same ramp with hey."""
    found = []
    for users in LEVELS:
        told = _said(["hey", "-c", str(users), "-z", f"{seconds:g}s", url + path])
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])
        statuses = {int(s): int(n) for s, n in re.findall(r"\[(\d{3})\]\s+(\d+) responses", told)}
        share = sum(n for s, n in statuses.items() if s >= 500) / max(1, sum(statuses.values()))
        p50, p95 = (
            float(m[1]) if (m := re.search(rf"{n}% in ([\d.]+) secs", told)) else 0.0 for n in (50, 95)
        )
        found.append(
            Level(users=users, seconds=1.0, answers=round(rate), errors=round(rate * share), p50=p50, p95=p95)
        )
    return tuple(found), ""


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def _seconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[unit]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each level")
    seconds = parser.parse_args().seconds
    tools = {"andon": ours} | ({"httpx": httpx_ramp} if find_spec("httpx") else {})
    tools |= {name: run for name, run in (("wrk", wrk), ("hey", hey)) if shutil.which(name)}
    print("| server | generator | " + " | ".join(f"{n} users" for n in LEVELS) + " | knee | errors at 32 |")
    print("|---|---|" + "---|" * (len(LEVELS) + 2))
    with null_server() as nothing, crowded_app() as app:
        for server, url, path in (("nothing", nothing, "/"), *((s, app, p) for s, p in PATHS.items())):
            for name, run in tools.items():
                levels, remark = run(url, path, seconds)
                rates = " | ".join(f"{one.rate:.0f}" for one in levels)
                knee = remark or str(knee_of(levels) or "none")
                print(f"| {server} | {name} | {rates} | {knee} | {levels[-1].error_share:.0%} |", flush=True)


if __name__ == "__main__":
    main()
