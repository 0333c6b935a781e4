"""What may be known of a setting's value, and that it never is the value itself."""

from __future__ import annotations

from random import Random

import pytest

from andon.gaps.environment.values import Form, facts, form_of, is_secret

KEY = b"k" * 32
_CHANCE = Random(11)
CANARIES = tuple(
    "".join(_CHANCE.choices("abcdefghkmnpqrstuvwxyz23456789", k=length)) for length in range(6, 32)
)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("", Form.EMPTY),
        ("true", Form.BOOLEAN),
        ("Off", Form.BOOLEAN),
        ("30", Form.WHOLE),
        ("-1", Form.WHOLE),
        ("0.25", Form.DECIMAL),
        ("0,25", Form.COMMA),
        ("warning", Form.LEVEL),
        ("production", Form.LEVEL),
        ("Asia/Tokyo", Form.ZONE),
        ("UTC", Form.ZONE),
        ("de_DE.UTF-8", Form.LOCALE),
        ("C.UTF-8", Form.LOCALE),
        ("latin-1", Form.ENCODING),
        ("https://shop.example.com", Form.ADDRESS),
        ("sqlite:shop.db", Form.ADDRESS),
        ("/etc/shop.toml", Form.PATH),
        ("a,b,c", Form.LIST),
        ('{"a": 1}', Form.JSON),
        ("hello", Form.TEXT),
    ],
)
def test_the_form_of_a_value_is_told(value: str, form: Form) -> None:
    assert form_of(value) is form


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("FEATURE_X", "false ", "false, with white space around it"),
        ("FEATURE_X", '"true"', "true, with quotes around it"),
        ("WORKERS", "4", "4"),
        ("WORKERS", "4\n", "4, with a line end"),
        ("TZ", "Asia/Tokyo", "Asia/Tokyo"),
        ("LOG_LEVEL", "debug", "debug"),
        ("CURRENCY", "", "empty"),
        ("CURRENCY", "  ", "nothing but white space"),
        ("SECRET_KEY", "change-me", "a secret of 9 to 16 characters, that looks like a placeholder"),
        ("API_URL", "https://a.example.com/x", "an address (https) of 17 to 32 characters"),
        ("ADMIN_PIN", "4711", "a secret of 1 to 8 characters"),
        ("PHONE", "0123456789", "a whole number of 9 to 16 characters"),
        ("MOTTO", "größer", "a text of 1 to 8 characters, with letters beyond ASCII"),
    ],
)
def test_only_values_of_a_closed_vocabulary_are_shown(key: str, value: str, shown: str) -> None:
    assert facts(key, value, KEY).words == shown


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("key", ["SHOP_NAME", "API_TOKEN", "DATABASE_PASSWORD", "motd", "auth.clientSecret"])
def test_no_value_is_in_what_is_known_of_it(key: str, canary: str) -> None:
    for value in (canary, f" {canary}\n", f"https://user:{canary}@example.com/", f"'{canary}'"):
        assert canary not in repr(facts(key, value, KEY))
        assert canary not in facts(key, value, KEY).words


def test_a_digest_says_whether_values_are_the_same_under_one_key_only() -> None:
    one, again = facts("A", "x", KEY), facts("B", "x", KEY)
    assert one.digest == again.digest
    assert one.digest != facts("A", "x", b"z" * 32).digest
    assert one.digest != facts("A", "x ", KEY).digest
    assert one.trimmed == facts("A", '"X" ', KEY).trimmed


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DB_PASSWORD", "x"),
        ("dbPassword", "x"),
        ("stripe.apiKey", "x"),
        ("SESSION_SECRET", "x"),
        ("WHATEVER", "postgres://shop:geheim@db/shop"),
        ("WHATEVER", "q8f3k2h5n7m9p4r6t2w8"),
        ("WHATEVER", "-----BEGIN PRIVATE KEY-----\nabc"),
    ],
)
def test_secrets_are_known_by_key_look_and_password_inside(key: str, value: str) -> None:
    assert is_secret(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("TOKEN_TTL", "300"),
        ("SESSION_TIMEOUT", "30"),
        ("PASSWORD_MIN_LENGTH", "8"),
        ("AUTH_ENABLED", "true"),
        ("TZ", "America/Argentina/Buenos_Aires"),
        ("SHOP_NAME", "The corner shop"),
        ("API_URL", "http://127.0.0.1:8080/v1"),
    ],
)
def test_what_only_speaks_of_secrets_is_none(key: str, value: str) -> None:
    assert not is_secret(key, value)
