"""Searches that have everything a report can show."""

from __future__ import annotations

import struct
import zlib

from andon.gaps.beliefs import Assertion, Beliefs, Exchange, TestBelief
from andon.gaps.experiment import Curve, Difference, Held, Observed, Part, Picture, Replay
from andon.gaps.failure import Failure, Seen
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer, Kind, Showed, Tier

FAILURE = Failure(
    path="/api/report?month=3",
    status=500,
    text="ValueError: month 13 is not in a year\n  in report()",
    source="the smoke test `report`",
)
PART = Part(kind=Kind.ENVIRONMENT, place=("STORE_TZ",))
USERS = Part(kind=Kind.SCALE, place=("users",), amount=16, least=1)


def png(red: int, width: int = 64, height: int = 36) -> bytes:
    """Return a picture of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = (b"\0" + bytes((red, 120, 120)) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def exchanges(slow: float, status: int) -> tuple[Exchange, ...]:
    """Return what one run asked for."""
    return (
        Exchange(method="GET", path="/", status=200, seconds=0.02 * slow, resource="document"),
        Exchange(
            method="GET", path="/app.js", status=200, started=0.03, seconds=0.03 * slow, resource="script"
        ),
        Exchange(
            method="GET",
            path="/api/rates",
            status=200,
            started=0.07,
            seconds=0.01,
            is_mocked=True,
            resource="fetch",
        ),
        Exchange(
            method="GET",
            path="/api/report?month=3",
            status=status,
            started=0.08,
            seconds=0.05 * slow,
            resource="fetch",
        ),
    )


def search() -> Search:
    """Return a search that found a setting, with everything in it."""
    control = Replay(
        parts=(),
        showed=Showed.PASSED,
        runs=30,
        exchanges=exchanges(1, 200),
        pictures=(Picture(title="shows the report", media_type="image/png", content=png(20)),),
        seconds=3.1,
    )
    seen = Seen(
        method="GET", path="/api/report?month=3", status=500, text="ValueError: month 13", is_replay=True
    )
    flip = Replay(
        parts=(PART,),
        showed=Showed.REPRODUCED,
        runs=3,
        reproduced=3,
        seen=seen,
        held=(Held(kind=Kind.ENVIRONMENT, holds=True, told="the process has STORE_TZ"),),
        exchanges=exchanges(4, 500),
        pictures=(Picture(title="shows the report", media_type="image/png", content=png(200)),),
        seconds=1.4,
    )
    scale = Replay(
        parts=(USERS,),
        showed=Showed.NOT_APPLIED,
        runs=1,
        told="only 3 requests were under way at once",
        held=(Held(kind=Kind.SCALE, holds=False, told="3 of 16 at once"),),
    )
    return Search(
        id="g-2026-0042",
        verdict=Verdict(
            answer=Answer.ENVIRONMENT,
            kinds=(Kind.ENVIRONMENT,),
            place=("STORE_TZ",),
            tier=Tier.NARROWED,
            summary="With STORE_TZ as in production the tests' own world fails in the same way.",
            reasons=(
                "The tests' world passed 30 of 30 times.",
                "With STORE_TZ flipped it failed 3 of 3 times.",
            ),
            not_tried=("dependency: payments was not asked: give --i-own-this pay.example.com",),
            next_step="Set STORE_TZ in the tests' world to what production has; keep the test.",
            next_command="andon gap prevent",
        ),
        differences=(
            Difference(
                kind=Kind.ENVIRONMENT,
                place=("STORE_TZ",),
                test="UTC",
                production="Asia/Tokyo",
                weight=4,
                reasons=("shares 'store' with the endpoint",),
                summary="STORE_TZ has another value",
                command="diff test.env prod.env",
            ),
        ),
        others=7,
        observed=(
            Observed(
                kind=Kind.SCALE,
                looked="1 to 32 at once",
                problems=("the database refused: permission denied",),
                curves=(
                    Curve(
                        name="requests a second",
                        x="users",
                        y="requests/s",
                        points=((1, 90), (4, 300), (32, 310)),
                    ),
                ),
            ),
        ),
        replays=(("control", control), ("flip", flip), ("flip", scale), ("restore", control)),
        curves=(
            Curve(
                name="p50",
                x="users",
                y="ms",
                points=((1, 11), (2, 12), (4, 14), (8, 30), (16, 70), (32, 180)),
            ),
            Curve(
                name="p95",
                x="users",
                y="ms",
                points=((1, 15), (2, 19), (4, 31), (8, 90), (16, 260), (32, 900)),
            ),
            Curve(
                name="rows of orders", x="rows", y="ms", points=((10, 2), (100, 5), (1000, 41), (10000, 410))
            ),
        ),
        seconds=41.5,
        runs=46,
        requests=1312,
    )


def beliefs() -> Beliefs:
    """Return what a suite of one test believes."""
    test = TestBelief(
        id="report.spec.ts:4",
        title="shows the report",
        outcome="passed",
        seconds=0.8,
        exchanges=exchanges(1, 200),
        assertions=(
            Assertion(
                expression="toHaveText", locator="#total", expected="12.50", file="report.spec.ts", line=9
            ),
        ),
        console_errors=("the price list is older than a day",),
        is_traced=True,
    )
    return Beliefs(
        flavour="playwright",
        tests=(test,),
        base_url="http://127.0.0.1:4000",
        viewport="1280x720",
        browser="chromium",
        version="1.65.1",
        locale="en-GB",
        timezone="UTC",
        problems=("old.zip: it is no whole zip file (BadZipFile)",),
    )
