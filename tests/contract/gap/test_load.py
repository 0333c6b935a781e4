"""A ramp against real applications: with a pool of five, without a knee, hung, and against the wrong host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from andon.errors import InvalidInput, Refused
from andon.gaps.beliefs import Exchange
from andon.gaps.scale.growth import growth
from andon.gaps.scale.levels import judge
from andon.production.gap.load import Bounds, median_seconds, ramp
from andon.production.gap.null_server import null_server
from tests.fakes.crowded_app import crowded_app

SHORT = Bounds(seconds=0.8)


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with crowded_app() as url:
        yield url


def get(path: str) -> Exchange:
    return Exchange(method="GET", path=path)


def test_a_pool_of_five_has_its_knee_at_eight_and_errors_at_thirty_two(app: str) -> None:
    found = ramp(app, [get("/pooled")], SHORT)
    judged = judge(found)
    assert judged.errors_from in (16, 32), found.levels  # 16 is at the edge when the machine is busy
    assert judged.inconclusive or judged.knee == 8, found.levels


def test_an_application_without_a_knee_has_none(app: str) -> None:
    found = ramp(app, [get("/quick")], Bounds(seconds=0.4))
    judged = judge(found)
    assert (judged.knee, judged.errors_from) == (None, None), found.levels


def test_the_generator_is_looked_at_before_and_after(app: str) -> None:
    found = ramp(app, [get("/quick")], Bounds(levels=(1,), seconds=0.1))
    assert found.before[0].answers
    assert found.after[0].answers


def test_no_more_requests_than_allowed_are_sent(app: str) -> None:
    found = ramp(app, [get("/quick")], Bounds(levels=(1, 8), seconds=5.0, requests=30))
    assert found.requests == 30
    assert sum(level.answers for level in found.levels) == 30
    assert "all the requests" in found.ended


def test_it_ends_itself_when_half_of_the_answers_are_errors() -> None:
    found = ramp("http://127.0.0.1:9", [get("/")], Bounds(seconds=0.05))
    assert [level.users for level in found.levels] == [1]
    assert "errors" in found.ended


def test_a_host_that_is_not_listed_gets_no_request() -> None:
    with pytest.raises(Refused, match=r"shop\.example\.com: it is not among") as refused:
        ramp("https://shop.example.com", [get("/")])
    assert "load_hosts" in refused.value.remedy
    with pytest.raises(InvalidInput, match="no http"):
        ramp("file:///etc/passwd", [get("/")])


def test_what_changes_something_is_not_repeated(app: str) -> None:
    post = Exchange(method="POST", path="/count")
    with pytest.raises(Refused, match="none of the requests may be repeated"):
        ramp(app, [post])
    found = ramp(app, [post], Bounds(levels=(1,), seconds=0.05, safe=("POST /count",)))
    assert found.levels[0].answers
    assert not found.levels[0].errors


def test_a_page_that_asks_row_by_row_grows_and_one_of_twenty_does_not(app: str) -> None:
    def timed(query: str) -> list[tuple[int, float]]:
        return [(n, median_seconds(app, get(f"/rows?rows={n}{query}"), 3)) for n in (10, 20_000)]

    assert growth("item", timed("&one_by_one")).is_growing
    with null_server() as nothing:
        points = [(n, median_seconds(nothing, get("/"), 3)) for n in (10, 20_000)]
    assert not growth("item", points).is_growing
