"""What is read out of the artefacts of real runs: every sort, versions 7 to 10, both flavours."""

from __future__ import annotations

import pytest

from andon.gaps.artefacts.reading import pictures
from andon.gaps.beliefs import Beliefs, plain
from tests.unit.gaps.artefacts.recordings import PLANTED, RECORDED, REDACTOR, read

TRACES = ("trace-v7.zip", "trace-v8.zip", "trace-v9.zip", "trace-v10.zip", "trace-python.zip")
EXPECTED = ("Hammer", "Rate 9.75", "made up sky", "Ada", "Order 812")


def endpoints(beliefs: Beliefs) -> list[tuple[str, str, int, bool]]:
    return sorted((e.method, e.path.partition("?")[0], e.status, e.is_mocked) for e in beliefs.exchanges)


@pytest.mark.parametrize("name", TRACES)
def test_every_version_and_flavour_says_the_same(name: str) -> None:
    beliefs = read(name)
    assert not beliefs.problems
    wanted = [
        ("GET", "/", 200, False),
        ("GET", "/api/items/7", 200, False),
        ("GET", "/api/rates", 200, True),
        ("GET", "/api/weather", 200, True),
        ("POST", "/api/login", 200, False),
        ("POST", "/api/orders", 201, False),
    ]
    assert [one for one in endpoints(beliefs) if one[1] != "/favicon.ico"] == wanted
    (test,) = beliefs.tests
    assert test.outcome == "passed"
    assert test.is_traced
    assert tuple(a.expected for a in test.assertions) == EXPECTED
    assert all(a.locator for a in test.assertions)
    assert all(a.line for a in test.assertions)
    assert test.console_errors[0] == "the price list is older than a day"
    assert beliefs.viewport == "640x360"
    assert beliefs.base_url == "http://127.0.0.1:4173"
    assert beliefs.browser == "chromium"
    assert 0 < beliefs.slowest < 10
    (order,) = beliefs.at("POST", "/api/orders")
    assert (order.answer, order.sent) == ('{"number": 812}', '{"item": 7}')
    assert dict(order.headers)["x-api-version"] == "3"
    assert order.origin == "http://127.0.0.1:4173"
    (rate,) = beliefs.at("GET", "/api/rates")
    assert (rate.answer, rate.resource in ("fetch", "")) == ('{"amount":9.75}', True)
    assert min(e.started for e in beliefs.exchanges) == 0.0


@pytest.mark.parametrize("name", TRACES[:4])
def test_a_runner_s_trace_names_its_test_as_the_runner_takes_it(name: str) -> None:
    (test,) = read(name).tests
    assert test.id == "shop.spec.ts:4"
    assert test.title == "the shop › sells a hammer"
    assert {a.file for a in test.assertions} == {"shop.spec.ts"}


def test_a_trace_of_pytest_names_its_test_by_where_its_calls_came_from() -> None:
    (test,) = read("trace-python.zip").tests
    assert test.id == "test_shop.py::TestShop::test_sells_a_hammer"


def test_the_request_fixture_is_told_from_the_browser() -> None:
    beliefs = read("trace-api.zip")
    (stock,) = beliefs.exchanges
    assert (stock.resource, stock.path, stock.answer) == ("api", "/api/stock", '{"count": 3}')
    assert [a.expected for a in beliefs.tests[0].assertions] == ["200", "3"]


@pytest.mark.parametrize("name", ["report.json", "blob.zip", "html.html", "html-older.html"])
def test_a_report_names_the_tests(name: str) -> None:
    beliefs = read(name)
    found = {test.id: (test.title, test.outcome) for test in beliefs.tests}
    assert found == {
        "shop.spec.ts:4": ("the shop › sells a hammer", "passed"),
        "shop.spec.ts:19": ("the shop › tells its stock", "passed"),
        "shop.spec.ts:26": ("is not there yet", "skipped"),
    }
    assert beliefs.flavour == "playwright"


def test_the_json_report_tells_of_the_run() -> None:
    beliefs = read("report.json")
    assert (beliefs.base_url, beliefs.viewport) == ("http://127.0.0.1:4173", "640x360")
    assert (beliefs.locale, beliefs.timezone, beliefs.version) == ("de-DE", "Europe/Berlin", "1.65.1")
    assert "2 of 3 tests left no trace" in beliefs.problems[0]


def test_the_blob_report_holds_assertions_and_traces() -> None:
    beliefs = read("blob.zip")
    assert not beliefs.problems
    by_id = {test.id: test for test in beliefs.tests}
    assert tuple(a.expected for a in by_id["shop.spec.ts:4"].assertions) == EXPECTED
    assert by_id["shop.spec.ts:4"].assertions[0].locator == "locator('#items li')"
    assert len(beliefs.exchanges) == 7


def test_the_html_report_holds_the_assertions_but_not_what_they_expected() -> None:
    (test, *_) = read("html.html").tests
    assert [a.expression for a in test.assertions] == ["toHaveText"] * 3 + ["toContainText", "toHaveText"]


def test_junit_of_either_runner_names_tests_and_knows_no_request() -> None:
    playwright, pytests = read("junit.xml"), read("junit-pytest.xml")
    assert [(t.title, t.outcome) for t in playwright.tests] == [
        ("the shop › sells a hammer", "passed"),
        ("the shop › tells its stock", "passed"),
        ("is not there yet", "skipped"),
    ]
    assert (playwright.flavour, pytests.flavour) == ("playwright", "pytest")
    assert [t.id for t in pytests.tests] == [
        "test_shop.py::TestShop::test_sells_a_hammer[chromium]",
        "test_shop.py::test_stock[/api/stock]",
    ]
    assert not playwright.exchanges
    assert not any(test.is_traced for test in playwright.tests)


def test_all_artefacts_of_a_run_are_one_run() -> None:
    beliefs = read("report.json", "junit.xml", "blob.zip", "html.html", "trace-v10.zip")
    assert len(beliefs.tests) == 3
    assert len(beliefs.exchanges) == 7, "the trace is in the blob report as well, and counts once"
    assert len(beliefs.read) == 7


def test_a_trace_of_pytest_goes_with_its_report() -> None:
    beliefs = read("junit-pytest.xml", "trace-python.zip")
    traced = next(test for test in beliefs.tests if test.is_traced)
    assert traced.id == "test_shop.py::TestShop::test_sells_a_hammer[chromium]"
    assert len(beliefs.tests) == 2


def test_a_directory_is_walked_and_what_is_no_artefact_is_passed_over() -> None:
    beliefs = read(".")
    assert beliefs.tests
    assert not [one for one in beliefs.read if "make.py" in one or "package" in one]


def test_no_secret_of_the_runs_is_in_what_was_read() -> None:
    for path in sorted(RECORDED.iterdir()):
        if path.is_file():
            beliefs = read(path.name)
            said = f"{beliefs!r}{plain(beliefs)}"
            assert not [secret for secret in PLANTED if secret in said], path.name
            assert not [secret for secret in PLANTED if secret.rpartition("-")[2] in said], path.name


def test_a_body_stays_a_document_without_its_secrets() -> None:
    import json

    (login,) = read("trace-v10.zip").at("POST", "/api/login")
    assert json.loads(login.answer)["name"] == "Ada"
    assert json.loads(login.sent)["email"] == "ada@example.com"
    assert "planted" not in login.answer + login.sent


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_shows_what_the_page_looked_like_at_the_end(name: str) -> None:
    (picture,) = pictures(str(RECORDED / name), REDACTOR)
    assert picture.media_type == "image/jpeg"
    assert len(picture.content) > 1000


def test_pictures_of_a_directory_are_one_for_each_trace() -> None:
    found = pictures(str(RECORDED), REDACTOR)
    assert len(found) == 6, "five traces with a page, one of them in the blob report as well"
    assert not pictures(str(RECORDED / "report.json"), REDACTOR)
