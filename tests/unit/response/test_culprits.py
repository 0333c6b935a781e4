"""Who is suspected, and why: by frames and age, by rare frames more than by common ones, by own code only."""

from __future__ import annotations

import time
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.culprits import Candidate, frames_in, likelier, rank

CANDIDATES = (
    Candidate(commit="old", files=("src/shop/orders.py", "README.md")),
    Candidate(commit="cart", files=("src/shop/cart.py", "src/shop/settings.py")),
    Candidate(commit="prices", files=("src/shop/prices.py", "src/shop/settings.py")),
    Candidate(commit="new", files=("docs/index.md",)),
)


def ranked(*frames: str) -> list[str]:
    return [suspect.commit for suspect in rank(CANDIDATES, frames)]


def test_without_frames_the_newest_is_suspected_first() -> None:
    assert ranked() == ["new", "prices", "cart", "old"]
    assert all(suspect.score == 0 and not suspect.files for suspect in rank(CANDIDATES, ()))


def test_a_frame_leads_to_the_commit_that_changed_its_file() -> None:
    assert ranked("/srv/app/releases/12/src/shop/orders.py")[0] == "old"
    assert rank(CANDIDATES, ("shop/orders.py",))[0].files == ("src/shop/orders.py",)


def test_a_frame_that_leads_everywhere_says_less_than_one_that_leads_to_one() -> None:
    first = rank(CANDIDATES, ("shop/settings.py", "shop/cart.py"))
    assert [s.commit for s in first[:2]] == ["cart", "prices"]
    assert first[0].score == pytest.approx(log(5 / 2) + log(5), abs=0.001)
    assert first[0].files == ("src/shop/cart.py", "src/shop/settings.py")


def test_an_old_commit_needs_more_than_the_newest_with_the_same_frames() -> None:
    many = [Candidate(commit=str(n), files=(f"{n}.py",)) for n in range(20)]
    assert rank(many, ("2.py", "19.py"))[0].commit == "19"
    assert rank(many, ("2.py",))[0].commit == "2"


@pytest.mark.parametrize(
    ("frame", "leads"),
    [
        ("orders.py", True),  # as Java names its files
        ("/app/shop/orders.py", True),
        ("./src/shop/orders.py", True),
        ("other/orders.py", False),
        ("/srv/orders.py.bak", False),
        ("shop/Orders.py", False),
    ],
)
def test_names_are_compared_from_their_end(frame: str, leads: bool) -> None:
    assert (rank(CANDIDATES, (frame,))[0].commit == "old") is leads


def test_the_file_that_agrees_furthest_is_meant() -> None:
    two = (
        Candidate(commit="a", files=("shop/api/models.py",)),
        Candidate(commit="b", files=("blog/api/models.py",)),
    )
    assert [s.score > 0 for s in rank(two, ("/srv/shop/api/models.py",))] == [True, False]
    assert rank(two, ("/srv/shop/api/models.py",))[0].commit == "a"


TRACES = {
    "python": '  File "/srv/app/shop/orders.py", line 12, in place\n    raise KeyError\n',
    "ruby": "/srv/app/shop/orders.rb:12:in `place'",
    "node": "    at place (/srv/app/shop/orders.js:12:7)",
    "java": "\tat com.shop.Orders.place(Orders.java:12)",
    "go": "\t/srv/app/shop/orders.go:12 +0x1b",
    "windows": r"    at C:\app\shop\orders.js:12:7",
}


@pytest.mark.parametrize("language", TRACES)
def test_frames_are_read_as_each_language_writes_them(language: str) -> None:
    (frame,) = frames_in([TRACES[language]])
    assert frame.lower().rpartition("/")[2].startswith("orders.")


def test_the_frame_of_a_signature_is_read_and_foreign_code_is_not() -> None:
    assert frames_in(["KeyError in shop/orders.py:place"]) == ("shop/orders.py",)
    foreign = (
        '  File "/venv/lib/python3.11/site-packages/flask/app.py", line 9, in run',
        "    at Layer (/srv/node_modules/express/router/layer.js:95:5)",
        "/usr/gems/rack-2.2/lib/rack.rb:3:in `call'",
    )
    assert frames_in(foreign) == ()


def test_a_long_line_costs_no_more_than_reading_it() -> None:
    began = time.process_time()
    for hostile in ("a." * 400_000, "/" * 900_000, "a" * 900_000 + ".py:1", "a.b:" * 200_000):
        assert len(frames_in([hostile])) <= 200
    assert time.process_time() - began < 5


def test_the_strongest_suspect_weighs_most_and_the_innocent_nothing() -> None:
    factors = dict(likelier(rank(CANDIDATES, ("shop/settings.py", "shop/cart.py"))))
    assert set(factors) == {"cart", "prices"}
    assert factors["cart"] > factors["prices"] > 1
    assert likelier(rank(CANDIDATES, ())) == ()


@given(
    st.lists(st.lists(st.sampled_from(["a/x.py", "b/x.py", "x.py", "c/y.py"]), unique=True), max_size=8),
    st.lists(st.text(max_size=12) | st.sampled_from(["x.py", "/r/a/x.py", "y.py"]), max_size=6),
)
def test_everybody_is_ranked_once_and_no_frame_makes_an_innocent_suspect(
    touched: list[list[str]], frames: list[str]
) -> None:
    candidates = [Candidate(commit=str(n), files=tuple(files)) for n, files in enumerate(touched)]
    found = rank(candidates, frames)
    assert sorted(s.commit for s in found) == sorted(c.commit for c in candidates)
    for suspect in found:
        assert set(suspect.files) <= set(candidates[int(suspect.commit)].files)
        assert bool(suspect.files) == (suspect.score > 0)
