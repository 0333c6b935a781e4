"""The clock goes back an hour: no duration is negative, the timeline says it, and work goes on."""

from __future__ import annotations

import json

from tests.acceptance.shop import Shop, explains

NOON, ELEVEN = "2026-03-01T12:00:00Z", "2026-03-01T11:00:00Z"


def test_an_incident_across_a_clock_that_goes_back(shop: Shop) -> None:
    shop.andon("verify", ANDON_NOW=NOON)
    shop.andon("declare", "checkout answers 500", "--severity", "P0", ANDON_NOW=NOON)
    for words in (
        ("ack",),
        ("assess",),
        ("decide", "workaround", "--reason", "alone", "--yes"),
        ("sign", "failure-resolved", "--reason", "looked"),
        ("verify", "--watch", "10"),
        ("mitigate",),
        ("resolve", "--cause", "a clock"),
        ("postmortem", "draft"),
    ):
        done = shop.andon(*words, code=(0, 3), ANDON_NOW=ELEVEN)
        assert "-1 h" not in done.stdout
        assert "impact -" not in done.stdout
    state = shop.json("status", ANDON_NOW=ELEVEN)
    assert all(seconds is None or seconds >= 0 for seconds in state["seconds"].values())
    assert "the clock went back 1 h" in shop.andon("timeline").stdout
    back = [entry["clock_went_back"] for entry in shop.json("timeline")["entries"]]
    assert max(back) == 3600
    assert shop.ask("audit")["whole"]
    assert "-1 h" not in shop.andon("board", ANDON_NOW=ELEVEN).stdout


def test_a_moment_that_is_none(shop: Shop) -> None:
    for moment in ("yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00", "\x1b[31m"):
        done = shop.andon("status", "--json", code=2, ANDON_NOW=moment)
        assert json.loads(done.stdout)["error"]["where"] == "ANDON_NOW"
        explains(done, "ANDON_NOW")
