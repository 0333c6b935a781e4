"""What an experiment gives the application under a key that is to be as in production: never a way out."""

from __future__ import annotations

import time

import pytest

from andon.gaps.environment.outside import flip, hosts_in, is_local
from andon.gaps.environment.values import facts


@pytest.mark.parametrize(
    ("key", "value", "hosts"),
    [
        ("API_URL", "https://api.example.com/v1", ("api.example.com",)),
        ("API_URL", "https://user:pw@api.example.com:8443/", ("api.example.com",)),
        ("API_URL", "http://localhost:8080", ()),
        ("API_URL", "http://127.0.0.1:8080", ()),
        ("API_URL", "http://[::1]:8080", ()),
        ("API_URL", "http://[2001:db8::1]:8080", ("[2001:db8::1]",)),
        ("CACHE", "redis://cache:6379/0", ("cache",)),
        ("REDIS_HOST", "cache", ("cache",)),
        ("db.primaryHost", "db1", ("db1",)),
        ("DB_HOST", "10.0.0.5", ("10.0.0.5",)),
        ("SMTP", "mail.example.com:587", ("mail.example.com",)),
        ("KAFKA_BROKERS", "k1:9092,k2:9092", ("k1", "k2")),
        ("DSN", "host=db.internal dbname=shop", ("db.internal",)),
        ("DSN", "jdbc:postgresql://db.internal:5432/shop", ("db.internal",)),
        ("REPLICA", "db.internal", ("db.internal",)),
        ("METRICS", '{"endpoint": "https://m.example.com", "on": true}', ("m.example.com",)),
        ("ALERTS", "ops@example.com, x@example.com", ()),
        ("SMTP", "smtp://user@mail.example.com:587", ("mail.example.com",)),
        ("SMTP_HOST", "user@mail.example.com", ("mail.example.com",)),
        ("HOST", "0.0.0.0", ()),
        ("HOST", "::", ()),
        ("ALLOWED_HOSTS", "shop.example.com,www.example.com", ()),
        ("CORS_ORIGINS", "https://shop.example.com", ()),
        ("CSP", "default-src https://cdn.example.com", ()),
        ("DJANGO_SETTINGS_MODULE", "shop.settings.production", ()),
        ("LOG_FILE", "app.log", ()),
        ("VERSION", "1.2.3", ()),
        ("RATIO", "16:9", ()),
        ("WORKERS", "4", ()),
        ("TZ", "Asia/Tokyo", ()),
        ("GREETING", "hello, world", ()),
    ],
)
def test_hosts_are_found_where_a_value_leads_to_them(key: str, value: str, hosts: tuple[str, ...]) -> None:
    assert hosts_in(key, value) == hosts


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "LOCALHOST.", "a.localhost"]
)
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_local(host)


def test_a_plain_value_is_flipped_as_it_is() -> None:
    made = flip("FEATURE_X", "true", "false ", {})
    assert (made.value, made.held, made.is_same) == ("false ", "", False)


def test_what_production_has_not_is_taken_away() -> None:
    assert flip("STORE", "x", None, {}).value is None
    assert flip("API_TOKEN", "x", "", {}).value == ""


def test_an_address_of_another_host_is_not_flipped_and_the_host_is_named() -> None:
    made = flip("API_URL", "http://localhost:1", "https://u:geheim@api.example.com/x", {})
    assert made.is_same
    assert made.value == "http://localhost:1"
    assert "api.example.com" in made.held
    assert "geheim" not in made.held


def test_a_database_file_of_production_is_not_opened() -> None:
    assert flip("STORE_DB", "sqlite:///t.db", "sqlite:////var/lib/shop.db", {}).is_same


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("STRIPE_KEY", "sk_" + "live_" + "abcdefgh12345678"),
        ("MAIL_TOKEN", "geheimnis1"),
        ("SHOP_API_KEY", "abcdefgh"),
        ("ANYTHING", "AK" + "IA" + "ABCDEFGHIJKLMNOP"),
    ],
)
def test_a_credential_of_a_service_outside_is_not_flipped(key: str, value: str) -> None:
    made = flip(key, "test", value, {})
    assert made.is_same
    assert value not in made.held


def test_its_white_space_and_quotes_are_flipped_all_the_same() -> None:
    made = flip("MAIL_TOKEN", "test-token", "geheimnis1\n", {})
    assert made.value == "test-token\n"
    assert not made.is_same
    assert "geheimnis1" not in made.held
    assert flip("MAIL_TOKEN", "test-token", '"geheimnis1"', {}).value == '"test-token"'
    assert flip("API_URL", "http://localhost:1", "https://a.example.com ", {}).value == "http://localhost:1 "


def test_a_credential_of_a_recorded_service_or_of_one_on_this_machine_is_flipped() -> None:
    assert not flip("PAYMENTS_TOKEN", "t", "geheimnis1", {}, ("payments",)).is_same
    assert not flip("MAIL_TOKEN", "t", "geheimnis1", {"MAIL_URL": "http://localhost:25"}).is_same
    assert flip("MAIL_TOKEN", "t", "geheimnis1", {"MAIL_URL": "http://mail.example.com"}).is_same


@pytest.mark.parametrize("key", ["SECRET_KEY", "JWT_SECRET", "SESSION_SECRET", "ENCRYPTION_KEY"])
def test_a_secret_that_the_application_uses_by_itself_is_flipped(key: str) -> None:
    assert flip(key, "t", "geheimnis1", {}).value == "geheimnis1"


def test_a_bucket_is_flipped_unless_a_service_outside_is_used() -> None:
    assert not flip("S3_BUCKET", "t", "prod-files", {"S3_ENDPOINT": "http://localhost:9000"}).is_same
    assert flip("S3_BUCKET", "t", "prod-files", {"S3_ENDPOINT": "https://s3.example.com"}).is_same


def test_a_mail_address_is_flipped_unless_a_service_outside_is_used() -> None:
    assert not flip("MAIL_FROM", "a@example.org", "shop@example.com", {"SMTP": "localhost:25"}).is_same
    assert flip("MAIL_FROM", "a@example.org", "shop@example.com", {"SMTP": "mail.example.com:25"}).is_same


def test_words_that_only_speak_of_secrets_are_flipped() -> None:
    assert flip("AUTH_PROVIDER", "local", "ldap", {}).value == "ldap"
    assert flip("TOKEN_TTL", "300", "60", {}).value == "60"


@pytest.mark.parametrize("piece", ["x", "a.", "a@", "a:", "://", "a,", "a://", "host=", "$", "<"])
def test_a_very_long_value_is_judged_at_once(piece: str) -> None:
    began = time.process_time()
    flip("K_URL", "x", piece * 10_000, {"A": "b"})
    facts("K_URL", piece * 10_000, b"k")
    assert time.process_time() - began < 2.0
