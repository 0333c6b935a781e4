"""What a user of a crowd puts in for itself, and what it sends as recorded."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.gaps.beliefs import Exchange
from andon.gaps.scale.journey import content_type, filled, steps_of, values


def made(method: str, path: str, sent: str = "", answer: str = "") -> Exchange:
    return Exchange(method=method, path=path, sent=sent, answer=answer)


def test_a_number_that_a_request_made_is_replaced_in_paths_and_identities_only() -> None:
    way = steps_of(
        [
            made("POST", "/carts", answer='{"id": 17, "total": 0}'),
            made("PUT", "/carts/17?cart_id=17&size=17", '{"cartId": 17, "quantity": 17}'),
        ]
    )
    path, body = filled(way[1], {0: '{"id": 99, "total": 0}'}, 1, 1)
    assert path == "/carts/99?cart_id=99&size=17"
    assert json.loads(body) == {"cartId": 99, "quantity": 17}


def test_a_number_of_a_list_is_everybodys() -> None:
    way = steps_of([made("GET", "/items", answer='[{"id": 17}]'), made("GET", "/items/17")])
    assert way[1].holes == ()


@pytest.mark.parametrize(
    ("answer", "own"),
    [
        ('{"token": "a1b2c3d4e5"}', '{"token": "f6f6f6f6f6"}'),
        (
            '<input type="hidden" name="csrf" value="a1b2c3d4e5">',
            "<input type=hidden name=csrf value=f6f6f6f6f6>",
        ),
    ],
)
def test_a_token_is_replaced_wherever_it_came_from(answer: str, own: str) -> None:
    way = steps_of([made("GET", "/form", answer=answer), made("POST", "/form", "csrf=a1b2c3d4e5&name=Ann")])
    assert filled(way[1], {0: own}, 1, 1) == ("/form", "csrf=f6f6f6f6f6&name=Ann")


def test_without_an_answer_of_its_own_a_user_sends_what_was_recorded() -> None:
    way = steps_of([made("POST", "/carts", answer='{"id": 17}'), made("GET", "/carts/17")])
    assert filled(way[1], {}, 1, 1)[0] == "/carts/17"
    assert filled(way[1], {0: '{"error": "no"}'}, 1, 1)[0] == "/carts/17"
    assert filled(way[1], {0: "not json"}, 1, 1)[0] == "/carts/17"


def test_user_and_turn_are_put_in() -> None:
    (step,) = steps_of([made("POST", "/u/{user}", '{"mail": "{user}.{turn}@example.com"}')])
    assert filled(step, {}, 3, 2) == ("/u/3", '{"mail": "3.2@example.com"}')


@pytest.mark.parametrize(
    ("body", "media"),
    [
        ("", ""),
        ('{"a": 1}', "application/json"),
        ("a=1&b=%20", "application/x-www-form-urlencoded"),
        ("hello", "text/plain; charset=utf-8"),
        ("{broken", "text/plain; charset=utf-8"),
    ],
)
def test_the_media_type_follows_the_form(body: str, media: str) -> None:
    assert content_type(body) == media


def test_hostile_answers_are_borne() -> None:
    assert values("[" * 100_000) == ()
    assert len(values(json.dumps(list(range(10_000))))) == 500
    assert values("") == ()


bodies = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(bodies, bodies)
def test_a_way_whose_answers_are_as_recorded_is_sent_as_recorded(answer: object, sent: object) -> None:
    text, body = json.dumps(answer), json.dumps(sent)
    way = steps_of([made("POST", "/a", answer=text), made("POST", "/b?x=1", body)])
    assert filled(way[1], {0: text}, 1, 1) == ("/b?x=1", body.replace("{user}", "1").replace("{turn}", "1"))
