"""The report: everything is on it, nothing is loaded by it, and nothing that it shows can do anything."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from andon.gaps.beliefs import Beliefs, Exchange
from andon.gaps.experiment import Curve, Picture, Replay
from andon.gaps.failure import Failure
from andon.gaps.report.markup import element, figure, seconds, text
from andon.gaps.report.page import page, with_prevention
from andon.gaps.report.plots import plots
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer, Showed, Tier
from andon.record import replace
from andon.secrets.redaction import PatternRedactor
from tests.unit.gaps.report.searches import FAILURE, beliefs, png, search

VOID = frozenset(("meta", "img", "br", "line", "rect", "circle", "polyline", "path"))


class Reading(HTMLParser):
    """Reads a page as a browser does: which elements, which addresses, whether all of them end."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "title"):
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


SHOWN = (
    "A setting differs: STORE_TZ",
    "narrowed: down to the smallest part",
    "ValueError: month 13 is not in a year",
    "Test shows the report",
    "As in production shows the report",
    "10 ms, made up",
    "STORE_TZ has another value",
    "7 others have nothing to do with the failure.",
    "reproduced 3 of 3 times",
    "environment: yes",
    "only 3 requests were under way at once",
    "payments was not asked: give --i-own-this pay.example.com",
    "the database refused: permission denied",
    "the price list is older than a day",
    "andon gap prevent",
    "requests a second",
    "test('it')",
    "GET /api/rates",
    "old.zip: it is no whole zip file",
)


def whole() -> Reading:
    return Reading(page(search(), beliefs(), FAILURE, prevention=(("A test", "test('it')"),)))


def test_it_shows_everything() -> None:
    found = whole()
    assert not found.open, "every element ends"
    for said in SHOWN:
        assert said in found.text, said


def test_it_loads_nothing_and_runs_nothing() -> None:
    found = whole()
    assert not {tag for tag, _ in found.elements} & {
        "script",
        "iframe",
        "object",
        "embed",
        "link",
        "form",
        "a",
    }
    for tag, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "href")], tag
        source = attributes.get("src")
        assert source is None or source.startswith("data:image/png;base64,")
    policy = next(a["content"] for t, a in found.elements if t == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x1b[31m\u202egnp\ud800"


def test_nothing_that_it_shows_is_markup() -> None:
    evil = search()
    evil = replace(
        evil,
        id=HOSTILE,
        verdict=replace(
            evil.verdict, place=(HOSTILE,), summary=HOSTILE, reasons=(HOSTILE,), not_tried=(HOSTILE,)
        ),
        differences=(replace(evil.differences[0], test=HOSTILE, production=HOSTILE, place=(HOSTILE,)),),
        replays=tuple(
            (
                HOSTILE,
                replace(
                    r, told=HOSTILE, pictures=(Picture(title=HOSTILE, media_type=HOSTILE, content=png(1)),)
                ),
            )
            for _, r in evil.replays
        ),
        curves=(Curve(name=HOSTILE, x=HOSTILE, y=HOSTILE, points=((1, 1), (2, 2))),),
    )
    failure = Failure(method=HOSTILE, path=HOSTILE, text=HOSTILE, absent=HOSTILE, source=HOSTILE)
    known = replace(beliefs(), problems=(HOSTILE,), base_url=HOSTILE, browser=HOSTILE)
    made = page(evil, known, failure, prevention=((HOSTILE, HOSTILE),))
    found = Reading(made)
    assert not found.open
    assert not {tag for tag, _ in found.elements} & {"script"}
    assert all("onerror" not in attributes for _, attributes in found.elements)
    assert "\x1b" not in made
    assert "\u202e" not in made
    made.encode()


def test_a_search_without_anything_is_a_page_as_well() -> None:
    bare = Search(id="g-1", verdict=Verdict(answer=Answer.UNKNOWN, next_step="Give the artefacts."))
    found = Reading(page(bare, Beliefs(), Failure()))
    assert not found.open
    assert "Not known" in found.text
    assert "None was made: the answer rests on what was read." in found.text


def reached(made: Reading) -> list[str]:
    return [attributes.get("class") or "" for name, attributes in made.elements if name == "li"][:4]


def test_only_what_was_restored_is_marked_so() -> None:
    found = search()
    short = Reading(page(found, beliefs(), FAILURE))
    assert reached(short) == ["on", "on", "", "on"]
    assert "narrowed, not restored" in short.text
    whole = replace(found, verdict=replace(found.verdict, is_restored=True))
    assert reached(Reading(page(whole, beliefs(), FAILURE))) == ["on", "on", "on", "on"]


def test_where_the_tests_went_and_what_of_it_was_made_up() -> None:
    real = Exchange(method="GET", path="/orders/7", status=200, seconds=0.2)
    made_up = replace(real, method="POST", is_mocked=True)
    test = replace(
        beliefs().tests[0], exchanges=(real, replace(real, path="/orders/8", seconds=3.0), made_up)
    )
    text = Reading(page(search(), replace(beliefs(), tests=(test,)), FAILURE)).text
    told = " ".join(text[text.index("Where they went") :].split())
    assert "GET /orders/{} answered 200; 2 requests; at most 3.0 s" in told
    assert "answered 200; 1 request; 1 of them made up" in told
    assert "3.0 s, GET /orders/{}" in " ".join(text[text.index("Slowest answer") :].split())


def test_the_head_says_what_differs_at_the_place() -> None:
    bare = replace(search().verdict, summary="environment: STORE_TZ")
    text = Reading(page(replace(search(), verdict=bare), beliefs(), FAILURE)).text
    head = text[: text.index("What next")]
    assert "environment: STORE_TZ" not in head
    assert "tests: UTC; production: " in head


@pytest.mark.parametrize("answer", Answer)
def test_every_answer_has_its_words(answer: Answer) -> None:
    found = replace(
        search(), verdict=Verdict(answer=answer, tier=Tier.FLIPPED, place=("a",), other_places=(("b", "c"),))
    )
    assert ": a and b · c" in Reading(page(found, beliefs(), FAILURE)).text


def test_what_is_no_picture_is_not_shown_as_one() -> None:
    svg = Picture(title="shows the report", media_type="image/svg+xml", content=b"<svg onload=alert(1)>")
    replays = (("control", Replay(parts=(), showed=Showed.PASSED, pictures=(svg,))), *search().replays[1:])
    made = page(replace(search(), replays=replays), beliefs(), FAILURE)
    assert "onload" not in made
    assert "no picture" in made


def test_the_redactor_leaves_the_page_whole() -> None:
    noise = Picture(title="shows the report", media_type="image/png", content=png(7, 300, 300))
    replays = tuple((p, replace(r, pictures=(noise,))) for p, r in search().replays)
    made = page(replace(search(), replays=replays), beliefs(), FAILURE)
    assert PatternRedactor(key=b"key").redact(made.encode()) == (made.encode(), 0)


def test_prevention_is_added_to_a_page_that_was_made_before() -> None:
    made = page(search(), beliefs(), FAILURE)
    found = Reading(with_prevention(made, [("test: a.spec.ts", "red with the gap, green without")]))
    assert not found.open
    assert "test: a.spec.ts red with the gap" in found.text
    assert with_prevention("no page", [("a", "b")]) == "no page"


def test_curves_in_the_same_units_are_one_plot_with_the_threshold() -> None:
    curves = (
        Curve(name="p50", x="users", y="ms", points=((1, 10), (64, 20))),
        Curve(name="p95", x="users", y="ms", points=((1, 20), (64, 900))),
        Curve(name="one point", x="users", y="%", points=((1, 1),)),
        Curve(name="odd", x="a", y="b", points=((float("nan"), 1), (1, float("inf")), (0, 0))),
        Curve(name="flat", x="users", y="errors", points=((0, 0), (1, 0))),
    )
    made = plots(curves, 16, "users")
    assert made.count("<figure>") == 2
    assert made.count("fails from 16") == 1
    assert "nan" not in made
    assert "inf" not in made


def test_long_runs_are_cut() -> None:
    many = tuple(Exchange(method="GET", path=f"/{n}", started=n, seconds=1) for n in range(500))
    control = Replay(parts=(), showed=Showed.PASSED, exchanges=many)
    found = Reading(page(replace(search(), replays=(("control", control),)), beliefs(), FAILURE))
    assert "and 460 more" in found.text


def test_numbers_are_written_for_people() -> None:
    assert [figure(n) for n in (0, 0.5, 12.345, 1234567, 0.00001)] == ["0", "0.5", "12.3", "1 234 567", "0"]
    assert [seconds(n) for n in (0.0123, 3.21, 600)] == ["12 ms", "3.2 s", "10 min"]
    assert text("a<b", 10) == "a&lt;b"
    assert element("p", "<", class_="a b", data_label='"') == '<p class="a b" data-label="&quot;">&lt;</p>'


def test_of_many_runs_the_last_is_shown_so_that_both_worlds_compare() -> None:
    one = (("/", 0.0), ("/app.js", 0.1), ("/", 0.2))
    asked = tuple(
        Exchange(method="GET", path=path, status=200, started=run * 10 + at, seconds=0.01)
        for run in range(5)
        for path, at in one
    )
    control = Replay(parts=(), showed=Showed.PASSED, runs=5, exchanges=asked)
    fails = Replay(parts=(), showed=Showed.REPRODUCED, runs=1, reproduced=1, exchanges=asked[:3])
    found = Search(
        id="G1", verdict=Verdict(answer=Answer.NETWORK), replays=(("control", control), ("flip", fails))
    )
    said = "".join(Reading(page(found, Beliefs(), Failure(path="/", status=500))).said)
    assert "Test (the last of 5 runs): 3 in 210 ms" in said
    assert "As in production: 3 in 210 ms" in said
