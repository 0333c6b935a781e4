"""Of what sort a difference between two settings is, and what it weighs."""

from __future__ import annotations

import pytest

from andon.gaps.environment.comparing import Mentions, difference, differing, sort_of
from andon.gaps.environment.values import facts
from andon.gaps.failure import Failure

KEY = b"k" * 32
CHECKOUT = Failure(path="/checkout", status=500, text="something broke")


def _facts(value: str | None, key: str = "A"):
    return None if value is None else facts(key, value, KEY)


@pytest.mark.parametrize(
    ("test", "production", "told", "breaks"),
    [
        ("x", None, "is missing in production", True),
        (None, "x", "is set in production only", False),
        (None, "x ", "is set in production only", True),
        ("x", "", "is empty in production", True),
        ("", "x", "is empty in test", True),
        ("hello", "hello ", "has white space around it in production", True),
        ("hello", '"hello"', "has quotes around it in production", True),
        ("true", "True", "is written otherwise in production", True),
        ("true", "yes", "is true or false in another way", True),
        ("true", "false", "has another value in production", False),
        ("30", "30s", "is a text in production and a whole number in test", True),
        ("30", "60", "has another value in production", False),
        ("http://a", "https://a", "has another value in production", False),
        ("redis://a", "rediss://a", "is an address of rediss in production", True),
        ("secret", "change-me", "is a placeholder in production", True),
        ("abc", "äbc", "has letters beyond ASCII in production", True),
        ("info", "verbose", "has another value in production", False),
    ],
)
def test_the_sort_of_a_difference(test: str | None, production: str | None, told: str, breaks: bool) -> None:
    found = sort_of(_facts(test), _facts(production))
    assert (found.told, found.breaks) == (told, breaks)


def _weight(key: str, test: str | None, production: str | None, failure: Failure, mentions: Mentions) -> int:
    return difference(key, _facts(test, key), _facts(production, key), failure, mentions).weight


NOWHERE = Mentions()


def _named(*keys: str, beside: tuple[str, ...] = ()) -> Mentions:
    return Mentions(is_known=True, keys=frozenset(keys), beside_endpoint=frozenset(beside))


def test_a_key_that_the_failure_names_weighs_most() -> None:
    failure = Failure(path="/checkout", status=500, text="KeyError: 'PAYMENT_MODE'")
    assert _weight("PAYMENT_MODE", "a", None, failure, NOWHERE) == 5


def test_a_key_on_the_way_weighs_by_its_sort() -> None:
    assert _weight("CHECKOUT_MODE", "a", None, CHECKOUT, NOWHERE) == 4
    assert _weight("CHECKOUT_MODE", "a", "b", CHECKOUT, NOWHERE) == 3
    assert _weight("MODE", "a", None, CHECKOUT, _named("MODE", beside=("MODE",))) == 4


def test_a_key_off_the_way_weighs_little() -> None:
    assert _weight("SEARCH_MODE", "a", None, CHECKOUT, NOWHERE) == 2
    assert _weight("SEARCH_MODE", "a", "b", CHECKOUT, NOWHERE) == 1


def test_a_key_that_the_source_does_not_name_weighs_at_most_one() -> None:
    assert _weight("CHECKOUT_MODE", "a", None, CHECKOUT, _named("OTHER")) == 1
    assert _weight("CHECKOUT_MODE", "a", None, CHECKOUT, _named("CHECKOUT_MODE")) == 4


def test_what_the_machine_sets_cannot_matter() -> None:
    for key in ("PATH", "HOSTNAME", "KUBERNETES_SERVICE_HOST", "SHOP_PORT_80_TCP_ADDR", "PYTHON_VERSION"):
        assert _weight(key, "a", "b", CHECKOUT, NOWHERE) == 0


def test_a_time_zone_matters_where_a_day_is_wrong() -> None:
    days = Failure(path="/invoice", absent="due 2026-03-31")
    assert _weight("TZ", "UTC", "Asia/Tokyo", days, _named()) == 4
    assert _weight("TZ", "UTC", "Asia/Tokyo", CHECKOUT, _named()) == 1


def test_a_locale_matters_where_text_cannot_be_read() -> None:
    failure = Failure(path="/export", text="UnicodeEncodeError: 'ascii' codec can't encode")
    assert _weight("LANG", "C.UTF-8", "C", failure, _named()) == 4


def test_a_policy_of_browsers_matters_where_a_page_failed() -> None:
    page = Failure(absent="booked for")
    assert _weight("CONTENT_SECURITY_POLICY", "a", "b", page, NOWHERE) == 4
    assert _weight("CONTENT_SECURITY_POLICY", "a", "b", CHECKOUT, NOWHERE) == 2
    assert _weight("CORS_ORIGINS", "a", "b", page, NOWHERE) == 4


def test_keys_differ_by_the_whole_value() -> None:
    test = {"A": facts("A", "x", KEY), "B": facts("B", "x", KEY), "C": facts("C", "x", KEY)}
    production = {"A": facts("A", "x", KEY), "B": facts("B", "x ", KEY), "D": facts("D", "x", KEY)}
    assert differing(test, production) == ("B", "C", "D")
