"""Fixtures for every kind of test, and the reminder of checks that failed before the tests began."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import NoServer, fresh_database, fresh_schema, running_server

#: Generated cases are bounded in number, never in time: a busy machine must not make a test fail.
settings.register_profile("andon", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("andon")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a real PostgreSQL server, one for the whole session."""
    server = running_server()
    try:
        url = server.__enter__()
    except NoServer as none:
        if os.environ.get("CI"):
            pytest.fail(f"no PostgreSQL, and CI must not skip it: {none}")
        pytest.skip(
            f"NO POSTGRESQL, SO ITS TESTS DID NOT RUN (./dev setup, or name yours: ANDON_TEST_PG): {none}"
        )
    try:
        yield url
    finally:
        server.__exit__(None, None, None)


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """URL of an empty schema on the session's server, for this test alone."""
    with fresh_schema(postgres_url) as url:
        yield url


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """URL of an empty database on the session's server, for what copies a database whole."""
    with fresh_database(postgres_url) as url:
        yield url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat which checks failed before the tests, above pytest's closing line (see ./dev test)."""
    failed = os.environ.get("ANDON_FAILED_CHECKS")
    if failed:
        terminalreporter.section("checks that failed", red=True)
        terminalreporter.line(f"{failed} (their output stands above the tests)", red=True)
