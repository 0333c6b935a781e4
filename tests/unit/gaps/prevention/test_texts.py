"""Answers, rules and generated tests as texts: what they say, and that hostile texts stay literals."""

from __future__ import annotations

import ast
import json
import re
import tomllib

import pytest
import yaml

from andon.gaps.beliefs import Assertion, Beliefs, Exchange
from andon.gaps.beliefs import TestBelief as Belief
from andon.gaps.experiment import Difference, Observed, Part
from andon.gaps.failure import Failure
from andon.gaps.prevention.drafts import Style, draft, name_in, smallest
from andon.gaps.prevention.explaining import explain, wrong_questions
from andon.gaps.prevention.monitoring import alert_rule, smoke_test
from andon.gaps.prevention.profiles import PROFILES
from andon.gaps.prevention.regression import fields
from andon.gaps.verdict import Search
from andon.gaps.words import Answer, Kind
from andon.production.gap import network_profiles
from andon.record import replace
from andon.review.regressions import RegressionEntry, lint
from tests.unit.gaps.prevention.rule_file import rule_groups
from tests.unit.gaps.prevention.searches import FAILURE, search

PLACES = {
    Kind.ENVIRONMENT: ("STORE_TZ",),
    Kind.DATA: ("orders", "812", "email"),
    Kind.DEPENDENCY: ("payments", "GET /rates", "$.amount"),
    Kind.SCALE: ("users",),
    Kind.NETWORK: ("link", "database"),
}
NASTY = "\"'`\\ ${x} {{y}} */ --> \n\r\u2028 {user} </script> % \x00 \U0001f600"


def exchange(path: str = "/orders/7", **more: object) -> Exchange:
    return Exchange(**{"method": "GET", "path": path, "status": 200, **more})  # type: ignore[arg-type]


def beliefs(
    *assertions: Assertion, mocked: bool = False, answer: str = "", errors: tuple[str, ...] = ()
) -> Beliefs:
    one = Belief(
        id="shop.spec.ts:3",
        title="shows an order",
        outcome="passed",
        exchanges=(exchange(is_mocked=mocked, answer=answer, seconds=0.04),),
        assertions=assertions,
        console_errors=errors,
    )
    return Beliefs(flavour="playwright", tests=(one,))


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_answers_of_its_own(kind: Kind) -> None:
    found = search(kind, PLACES[kind], test="never in 12 rows", production="null in 1 row", threshold=20.0)
    told = explain(found, beliefs(), FAILURE)
    assert "never in 12 rows in the tests, null in 1 row in production" in told.missed
    assert kind is Kind.SCALE or PLACES[kind][-1 if kind is Kind.NETWORK else 0] in told.missed
    assert told.why.startswith("1 test goes that way (shows an order), always")
    assert "GET /orders/812" in told.catch


def answered(answer: Answer) -> Search:
    """A search that came to something else than a gap."""
    found = search(Kind.DATA, ("orders",))
    return replace(found, verdict=replace(found.verdict, answer=answer, kinds=(), place=()))


@pytest.mark.parametrize("answer", [Answer.FLAKY, Answer.OTHER_BUILD, Answer.UNKNOWN])
def test_what_is_no_gap_has_answers_and_no_test(answer: Answer) -> None:
    found = answered(answer)
    told = explain(found, Beliefs(), FAILURE)
    assert told.missed
    assert told.catch
    assert draft(found, FAILURE, Style(flavour="pytest")).draft is None


@pytest.mark.parametrize("answer", [Answer.UNTESTED, Answer.MOCKED, Answer.INPUT])
@pytest.mark.parametrize("language", ["pytest", "playwright", "node", "script"])
def test_what_fails_in_every_world_has_a_test_turned_round(answer: Answer, language: str) -> None:
    found = answered(answer)
    assert explain(found, Beliefs(), FAILURE).catch
    flavour = language if language in ("pytest", "playwright") else "junit"
    drafted = draft(found, FAILURE, Style(flavour=flavour, language="node" if language == "node" else ""))
    assert "green before the cause is mended" in drafted.told
    assert drafted.draft is not None
    assert drafted.draft.parts == ()
    assert "so turn this test round" in drafted.draft.turned
    assert "so turn this test round" not in drafted.draft.text
    assert draft(found, Failure(text="booked for"), Style(flavour=flavour)).draft is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (beliefs(), "asserts nothing"),
        (beliefs(Assertion(expression="toBeVisible", locator="h1")), "only asks whether something is there"),
        (beliefs(Assertion(expression="to.be.visible")), "only asks whether something is there"),
        (
            beliefs(
                Assertion(expression="toHaveText", expected="12.50 EUR"),
                mocked=True,
                answer='{"t":"12.50 EUR"}',
            ),
            "expects what its own made-up answer to GET /orders/{} says",
        ),
        (
            beliefs(Assertion(expression="toHaveText", expected="Total"), errors=("boom",)),
            "the console says 'boom'",
        ),
        (beliefs(Assertion(expression="toHaveText", expected="Total")), ""),
    ],
)
def test_a_wrong_question_is_told_with_a_better_one(given: Beliefs, told: str) -> None:
    found = wrong_questions(given, FAILURE)
    assert told in " ".join(one.told for one in found)
    assert bool(found) is bool(told)
    assert all("'shows an order': " in one.instead for one in found)


def test_a_mock_is_why_nobody_saw_it() -> None:
    told = explain(search(Kind.DEPENDENCY, PLACES[Kind.DEPENDENCY]), beliefs(mocked=True), FAILURE)
    assert "1 of 1 tests that ask for it answer it themselves (shows an order)" in told.why


@pytest.mark.parametrize("kind", Kind)
def test_a_rule_is_what_prometheus_reads(kind: Kind) -> None:
    found = search(kind, PLACES[kind], threshold=20.0, summary=NASTY)
    (group,) = rule_groups(alert_rule(found, FAILURE))
    for rule in group["rules"]:
        assert (rule["labels"]["endpoint"], rule["labels"]["status"]) == ("GET /orders/{}", "500")
    assert any("http_requests_total" in rule["expr"] for rule in group["rules"])


@pytest.mark.parametrize("place", [("rows", NASTY), (NASTY, NASTY), ("delay", NASTY)])
@pytest.mark.parametrize("kind", Kind)
def test_hostile_texts_stay_texts_in_a_rule(kind: Kind, place: tuple[str, ...]) -> None:
    found = search(kind, place, threshold=20.0, summary=NASTY)
    for failure in (
        Failure(path=f"/{NASTY}", method="GET", status=404, text=NASTY),
        Failure(path=f"/{NASTY}", slower_than=0.25),
        Failure(text=NASTY),
    ):
        (group,) = rule_groups(alert_rule(found, failure))
        texts = [text for rule in group["rules"] for text in (rule["annotations"] | rule["labels"]).values()]
        assert any("${x}" in text for text in texts)
        assert not any("{{y}}" in text for text in texts)


def test_an_alert_does_not_fire_for_two_at_once() -> None:
    found = search(Kind.SCALE, ("users",), threshold=2.0)
    (rule,) = yaml.safe_load(alert_rule(found, FAILURE))["groups"][0]["rules"]
    assert "http_requests_total" in rule["expr"]


def test_a_smoke_test_is_one_table_and_never_changes_production() -> None:
    found = search(Kind.DATA, PLACES[Kind.DATA], summary=NASTY)
    failure = replace(FAILURE, absent="Total", slower_than=0.5)
    (smoke,) = tomllib.loads(smoke_test(found, failure, "https://shop.example.com/"))["smoke"]
    assert smoke["url"] == "https://shop.example.com/orders/812"
    assert (smoke["text"], smoke["max_latency"]) == ("Total", 500)
    assert smoke_test(found, replace(FAILURE, method="POST"), "https://shop.example.com") == ""


@pytest.mark.parametrize("kind", Kind)
def test_the_entry_of_the_regression_log_is_complete(kind: Kind) -> None:
    found = search(kind, PLACES[kind])
    values = fields(found, FAILURE, explain(found, Beliefs(), FAILURE), test="", paths=["tests/test_gap.py"])
    entry = RegressionEntry(**values, date="2026-04-03", author="ann")
    assert lint(entry) == ()


@pytest.mark.parametrize("place", [("users",), ("STORE_TZ",)])
def test_hostile_texts_stay_texts_in_python(place: tuple[str, ...]) -> None:
    kind = Kind.SCALE if place == ("users",) else Kind.ENVIRONMENT
    found = search(kind, place, amount=8.0 if kind is Kind.SCALE else None, summary=NASTY)
    failure = Failure(path=f"/{NASTY}", method="GET", body=NASTY, text=NASTY, absent=NASTY)
    made = draft(found, failure, Style(flavour="pytest", url_variable=NASTY), (exchange(sent=NASTY),)).draft
    assert made is not None
    tree = ast.parse(made.text)
    literals = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert {f"/{NASTY}", NASTY} <= literals
    assert name_in(made.text, "pytest").startswith("test_get")


def test_hostile_texts_stay_texts_in_typescript() -> None:
    found = search(Kind.ENVIRONMENT, ("STORE_TZ",), summary=NASTY)
    failure = Failure(path=f"/{NASTY}", absent=NASTY, body=NASTY)
    made = draft(found, failure, Style(flavour="playwright", url_variable=NASTY)).draft
    assert made is not None
    assert json.dumps(NASTY) in made.text
    assert "\u2028" not in made.text
    code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', made.text)
    assert "*/" not in code.replace("// ", "")[code.find("const base") :]


def test_the_style_of_the_neighbours_is_kept() -> None:
    found = search(Kind.ENVIRONMENT, ("STORE_TZ",))
    common = Style(
        flavour="playwright", file="e2e/shop.test.js", text="const { test } = require('@playwright/test');"
    )
    made = draft(found, FAILURE, common).draft
    assert made is not None
    assert made.path == "e2e/gap-g1a2b3c4d.test.js"
    assert made.text.startswith("const { test, expect } = require(")


def test_a_command_gets_a_script_and_the_words_that_run_it() -> None:
    found = search(Kind.ENVIRONMENT, ("STORE_TZ",))
    script = draft(found, FAILURE, Style(flavour="junit")).draft
    assert script is not None
    assert script.command == ("python3", "tests/gap_g1a2b3c4d.py", "{report}")
    ast.parse(script.text)
    assert name_in(script.text, "junit") == "test_get_orders"
    own = draft(found, FAILURE, Style(flavour="junit", language="node")).draft
    assert own is not None
    assert own.command[:2] == ("node", "--test")
    assert "from 'node:test'" in own.text
    assert name_in(own.text, "junit") == "GET /orders/812 answers as it should"


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        (Kind.DATA, "the column orders.email (null: 3 of 9 rows)"),
        (Kind.ENVIRONMENT, "the setting STORE_TZ (null: 3 of 9 rows)"),
    ],
)
def test_a_test_says_in_which_world_it_is_of_use(kind: Kind, needed: str) -> None:
    found = search(kind, PLACES[kind])
    place = ("orders", "email") if kind is Kind.DATA else PLACES[kind]
    told = Difference(kind=kind, place=place, test="never", production="null: 3 of 9 rows", weight=4)
    seen = replace(found, observed=(Observed(kind=kind, differences=(told,)),))
    for flavour, sign in (("pytest", "#"), ("playwright", "//"), ("junit", "#")):
        made = draft(seen, FAILURE, Style(flavour=flavour)).draft
        assert made is not None
        assert f"{sign} It needs a world that shares with production {needed}" in made.text
    crowd = draft(
        search(Kind.SCALE, ("users",), amount=9.0, least=1.0), FAILURE, Style(flavour="pytest")
    ).draft
    assert crowd is not None
    assert "# It brings 9 users at once, and needs no other world than the tests'." in crowd.text


def test_of_two_kinds_the_test_brings_the_users_and_its_world_the_rest() -> None:
    users = Part(kind=Kind.SCALE, place=("users",), amount=12.0, least=1.0)
    row = Part(kind=Kind.DATA, place=("plans", "88", "pages"))
    found = search(Kind.DATA, ("plans", "88", "pages"))
    both = replace(
        found,
        verdict=replace(found.verdict, answer=Answer.INTERACTION, kinds=(Kind.DATA, Kind.SCALE)),
        replays=(("pair", replace(found.replays[0][1], parts=(row, users))),),
    )
    made = draft(both, FAILURE, Style(flavour="pytest")).draft
    assert made is not None
    assert made.parts == (row,)
    assert made.green == ""  # the same test, as many users, in a world without that row
    assert "USERS, ROUNDS = 12, 3" in made.text
    assert "# It brings 12 users at once; it needs a world that shares with production" in made.text


def test_an_input_is_green_with_what_the_tests_send() -> None:
    found = answered(Answer.INPUT)
    made = draft(found, FAILURE, Style(flavour="pytest"), tried=exchange("/orders/7")).draft
    assert made is not None
    assert made.turned == ""
    assert "/orders/812" in made.text
    assert "'/orders/7'" in made.green


def test_a_failure_of_a_page_is_what_the_journeys_own_test_sees() -> None:
    style = Style(flavour="playwright", file="e2e/shop.spec.ts", text="test('shop', async () => {});")
    made = draft(search(Kind.ENVIRONMENT, ("CSP",)), Failure(text="booked for"), style).draft
    assert made is not None
    assert made.is_theirs
    assert (made.path, made.text) == (style.file, style.text)


def test_what_is_told_of_a_row_is_of_its_column() -> None:
    differences = (
        Difference(kind=Kind.DATA, place=("orders", "number"), test="never", production="a category: 706"),
        Difference(kind=Kind.DATA, place=("orders", "greeting"), test="never", production="null: 706"),
    )
    found = replace(
        search(Kind.DATA, ("orders", "1", "greeting")),
        observed=(Observed(kind=Kind.DATA, differences=differences),),
    )
    told = explain(found, beliefs(), FAILURE)
    assert "null: 706" in told.missed
    assert "whose orders.greeting is like production's (null)" in told.catch
    assert "of which no greeting is so: null" in told.why
    other = replace(found, verdict=replace(found.verdict, place=("orders", "1", "amount")))
    assert "706" not in explain(other, beliefs(), FAILURE).missed


def test_an_icon_that_browsers_ask_for_is_no_error_of_the_application() -> None:
    missing = "Failed to load resource: the server responded with a status of 404 (Not Found)"
    weighed = Assertion(expression="toHaveText", expected="three orders")
    assert wrong_questions(beliefs(weighed, errors=(missing,)), FAILURE) == ()
    (wrong,) = wrong_questions(beliefs(weighed, errors=(missing, "TypeError: x")), FAILURE)
    assert "TypeError" in wrong.told


def test_without_traces_it_is_not_said_where_the_tests_go() -> None:
    untraced = Beliefs(tests=(Belief(id="a", title="a", outcome="passed"),))
    assert "left no trace" in explain(search(Kind.DATA, ("orders",)), untraced, FAILURE).why


def test_the_parts_of_the_proof_are_the_fewest_and_the_farthest_over_the_edge() -> None:
    coarse = search(Kind.SCALE, ("users",), amount=64.0)
    near = search(Kind.SCALE, ("users",), amount=12.0)
    found = replace(coarse, replays=(*near.replays, *coarse.replays))
    assert [part.amount for part in smallest(found)] == [64.0]


def test_connections_are_those_of_the_experiments() -> None:
    experiments = {
        name: (one.latency, one.down, one.up)
        for name, one in network_profiles.PROFILES.items()
        if one.latency
    }
    assert experiments == PROFILES
