"""What production answers and tests never saw: found, weighed, and told without a value."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from andon.gaps import beliefs as believed
from andon.gaps.beliefs import Beliefs, Exchange
from andon.gaps.dependency.answers import Answer, Answers, Recorded
from andon.gaps.dependency.comparing import differences
from andon.gaps.dependency.findings import findings
from andon.gaps.dependency.pairs import Pairs
from andon.gaps.dependency.shapes import Finding
from andon.gaps.experiment import Difference
from andon.gaps.failure import Failure

JSON = (("content-type", "application/json"),)
NOTHING = Failure(path="/elsewhere", status=500)
INTEGRITY = Failure(text="the resource's digest is not that of 'integrity'; Chart is not defined")


def answer(value: Any = None, status: int = 200, **given: Any) -> Answer:
    headers = given.pop("headers", JSON)
    return Answer(status=status, headers=headers, body=json.dumps(value).encode(), **given)


def found(test: Any, production: Any) -> dict[str, Finding]:
    return {f"{one.place} {one.sort}": one for one in findings([answer(test)], [answer(production)])}


@pytest.mark.parametrize(
    ("test", "production", "wanted", "breaks"),
    [
        ({"a": 1}, {"a": {"v": 1}}, "$.a type:object", True),
        ({"a": 1}, {"a": "1"}, "$.a type:string", True),
        ({"a": "x"}, {"a": None}, "$.a type:null", True),
        ({"a": 1, "b": 2}, {"a": 1}, "$.b missing", True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {}]}, "$.a[*].b missing", True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, "$.a.c new", False),
        ({"a": [1]}, {"a": []}, "$.a an empty list", True),
        ({"a": "x"}, {"a": ""}, "$.a an empty text", True),
        ({"a": 5}, {"a": -5}, "$.a a negative number", False),
        ({"a": [5, 6, 7]}, {"a": [-5]}, "$.a[*] a negative number", True),
        ({"a": 5}, {"a": 0}, "$.a zero", False),
        ({"a": 5}, {"a": 2**40}, "$.a a number beyond 32 bits", True),
        ({"a": "x"}, {"a": "ü"}, "$.a a text beyond ASCII", False),
        ({"a": ["x", "y", "z"]}, {"a": ["ü"]}, "$.a[*] a text beyond ASCII", True),
        ({"a": "2026-01-02"}, {"a": "02.01.2026"}, "$.a form", True),
        ({"a": "12.50"}, {"a": "12,50"}, "$.a form", True),
        ({"a": "2026-01-02T10:00:00Z"}, {"a": "2026-01-02T10:00:00"}, "$.a form", True),
        (list(range(100)), list(range(20)), "$.length paging", True),
    ],
)
def test_what_the_tests_never_saw_is_found(test: Any, production: Any, wanted: str, breaks: bool) -> None:
    assert found(test, production)[wanted].breaks is breaks


@pytest.mark.parametrize(
    ("test", "production"),
    [
        ({"a": 1, "b": "x"}, {"a": 2, "b": "y"}),
        ({"a": "some text, longer"}, {"a": "other text here"}),
        ({"a": "word"}, {"a": "another"}),
        ({"a": [1, 2, 3]}, {"a": [4]}),
        ({"a": 1.5}, {"a": 7.25}),
        ({"id": "0b7ae9b0-16f7-4a56-8d4e-4f1c2f0e1111"}, {"id": "1b7ae9b0-16f7-4a56-8d4e-4f1c2f0e2222"}),
        ([], [{"a": 1}]),
    ],
)
def test_other_values_of_the_same_form_are_nothing(test: Any, production: Any) -> None:
    assert found(test, production) == {}


def test_a_word_that_was_never_one_of_few_is_found_and_not_shown() -> None:
    tests = [answer({"items": [{"s": "open"}, {"s": "paid"}, {"s": "open"}, {"s": "paid"}, {"s": "open"}]})]
    (one,) = findings(tests, [answer({"items": [{"s": "canaryword"}]})])
    assert (one.place, one.sort, one.production) == ("$.items[*].s", "new word", "another word")


def test_statuses_pages_and_headers_that_were_never_seen() -> None:
    test = [answer({"a": 1})]
    (one,) = findings(test, [answer("slow down", 429, headers=())])
    assert (one.place, one.test, one.production, one.breaks) == ("status", "200", "429", True)
    html = Answer(headers=(("content-type", "text/html"),), body=b"<!doctype html><p>Maintenance")
    assert {(f.place, f.sort) for f in findings(test, [html])} == {
        ("header content-type", "no JSON"),
        ("body", "no JSON"),
    }
    (gone,) = findings(test, [Answer(problem="reset")])
    assert (gone.place, gone.production) == ("answer", "no answer (reset)")
    headers = (*JSON, ("sunset", "Sat, 1 Jan 2028 00:00:00 GMT"), ("x-api-version", "canary"))
    versions = findings(test, [answer({"a": 1}, headers=headers)])
    assert {(f.place, f.breaks) for f in versions} == {
        ("header sunset", False),
        ("header x-api-version", False),
    }
    assert "canary" not in repr(versions)


def pairs(test: list[Answer], production: list[Answer], *, mocked: bool = False) -> Pairs:
    return Pairs(
        Answers(Recorded(method="GET", path="/rates", answer=a, is_mocked=mocked) for a in test),
        Answers(Recorded(method="GET", path="/rates", answer=a) for a in production),
    )


def weighed(failure: Failure, test: Any = None, production: Any = None) -> Difference:
    compared = pairs([answer(test or {"amount": 1})], [answer(production or {"amount": {"value": 1}})])
    (one,) = differences("payments", compared, Beliefs(), failure)
    return one


def test_weights_follow_the_rules_that_all_kinds_share() -> None:
    assert weighed(Failure(status=500, path="/x", text="KeyError: 'amount'")).weight == 5
    assert weighed(Failure(status=500, path="/x", text="payments said no")).weight == 5
    assert weighed(Failure(status=500, path="/payment/new")).weight == 4
    assert weighed(Failure(status=500, path="/x", text="unsupported operand: 'dict' and 'int'")).weight == 4
    assert weighed(Failure(status=500, path="/payment/1", text="'dict' and 'int'")).weight == 5
    assert weighed(NOTHING).weight == 2
    extra = {"amount": 1, "note": 2}
    assert weighed(Failure(status=500, path="/payment/new"), production=extra).weight == 3
    assert weighed(NOTHING, production=extra).weight == 1


def top(test: Any, production: Any, failure: Failure, **given: Any) -> Difference:
    found = differences("payments", pairs([answer(test)], [answer(production)]), Beliefs(), failure, **given)
    return max(found, key=lambda one: one.weight)


def test_a_failure_that_shows_productions_own_value_names_its_place() -> None:
    shown = Failure(status=500, path="/x", text="KeyError: 'requires_action'")
    one = top({"status": "succeeded", "note": "a"}, {"status": "requires_action", "note": "b"}, shown)
    assert (one.place[2], one.weight) == ("$.status", 5)
    plain = Failure(status=500, path="/x", text="Internal Server Error in the shop")
    assert top({"status": "open"}, {"status": "shop"}, plain).weight == 1
    assert top({"status": "requires_action"}, {"status": "requires_action", "b": 1}, shown).weight == 1


def test_what_should_have_been_seen_and_is_no_longer_answered_names_its_place() -> None:
    test = {
        "page_size": 100,
        "members": [{"name": f"Member {'x' * n}"} for n in range(27)] + [{"name": "Greta Ivers"}],
    }
    production = {"page_size": 20, "members": test["members"][:20]}  # type: ignore[index]
    one = top(test, production, Failure(absent="Greta  ivers"))
    assert (one.place[2], one.weight) == ("$.members.length", 5)


def test_a_service_that_the_source_asks_on_the_failing_way_is_on_it() -> None:
    failure = Failure(path="/trips/7/price", status=500)
    test, production = {"rates": {"USD": 1.1}}, {"rates": {"USD": {"bid": 1.1}}}
    assert top(test, production, failure).weight == 2
    one = top(test, production, failure, asked_there=("GET /rates",))
    assert (one.weight, one.place[2]) == (4, "$.rates.USD")
    assert "the source asks payments where it answers /trips/7/price" in one.reasons


def test_another_script_explains_what_is_no_longer_defined() -> None:
    old, new = (
        Answer(headers=(("content-type", "text/javascript"),), body=b) for b in (b"Chart=1", b"chart=1")
    )
    failure = Failure(text="Could not draw: Chart is not defined")
    (one,) = differences("cdn", pairs([old], [new]), Beliefs(), failure)
    assert (one.place[2], one.weight) == ("body", 4)


def test_beliefs_come_from_the_artefacts_too_and_made_up_ones_are_told() -> None:
    seen = Exchange(method="GET", origin="https://api.pay.example", path="/v1/rates?x=1", status=200,
                    content_type="application/json", answer='{"amount": 1}', is_mocked=True)  # fmt: skip
    beliefs = Beliefs(tests=(believed.TestBelief(id="t", title="t", outcome="passed", exchanges=(seen,)),))
    compared = pairs([], [answer({"amount": {"value": 1}})])
    (one,) = differences("payments", compared, beliefs, NOTHING, ("api.pay.example",), "/v1")
    assert one.place == ("payments", "GET /rates", "$.amount")
    assert "made this answer up" in one.reasons[-1]


def test_a_script_that_pages_pin_by_digest_is_another_one_in_production() -> None:
    old, new = (Answer(headers=(("content-type", "text/javascript"),), body=b) for b in (b"old()", b"new()"))
    pin = f"sha384-{base64.b64encode(hashlib.sha384(b'old()').digest()).decode()}"
    page = Exchange(method="GET", path="/", status=200, answer=f'<script integrity="{pin}" src="x">')
    beliefs = Beliefs(tests=(believed.TestBelief(id="t", title="t", outcome="passed", exchanges=(page,)),))
    one, _ = differences("cdn", pairs([old], [new]), beliefs, NOTHING)
    assert (one.place[2], one.weight) == ("body", 2)
    assert {d.weight for d in differences("cdn", pairs([old], [new]), beliefs, INTEGRITY)} == {4}
    assert differences("cdn", pairs([old], [old]), beliefs, NOTHING) == ()


def test_nothing_of_an_answer_is_in_what_is_told() -> None:
    canaries = [f"canary{n}secret" for n in range(12)]
    test = {"a": "x", "n": 1, "w": canaries[0], "l": [1, 2], "d": {"k": canaries[1]}, "t": "2026-01-02"}
    production = {
        "a": None, "n": canaries[2], "w": 5, "l": canaries[3], "d": {"k": {"v": canaries[4]}},
        "t": canaries[5], canaries[6] + " with blanks": 1, "7711" + canaries[7]: canaries[8],
    }  # fmt: skip
    headers = (*JSON, ("api-version", canaries[9]), ("authorization", canaries[10]), ("link", canaries[11]))
    told = differences(
        "payments", pairs([answer(test)], [answer(production, headers=headers)]), Beliefs(), NOTHING
    )
    assert len(told) >= 8
    assert "canary" not in repr(told)
