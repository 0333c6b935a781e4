"""The same journeys with pytest-playwright."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, Playwright, expect


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": os.environ["CHROMIUM"], "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {
        **browser_context_args,
        "viewport": {"width": 640, "height": 360},
        "extra_http_headers": {"Authorization": "Bearer planted-bearer-8Cx4"},
    }


class TestShop:
    def test_sells_a_hammer(self, page: Page) -> None:
        page.route("**/api/rates*", lambda route: route.fulfill(json={"amount": 9.75}))
        page.route_from_har("weather.har", url="**/api/weather", not_found="fallback")
        page.goto("/")
        expect(page.locator("#items li")).to_have_text("Hammer")
        expect(page.locator("#rate")).to_have_text("Rate 9.75")
        expect(page.locator("#weather")).to_have_text("made up sky")
        page.fill("#email", "ada@example.com")
        page.fill("#password", "planted-typed-6Jd0")
        page.click("text=Sign in")
        expect(page.locator("#hello")).to_contain_text("Ada")
        page.click("#buy")
        expect(page.locator("#bought")).to_have_text("Order 812")


@pytest.mark.parametrize("path", ["/api/stock"])
def test_stock(playwright: Playwright, base_url: str, path: str) -> None:
    api = playwright.request.new_context(base_url=base_url)
    assert api.get(path).json() == {"count": 3}
    api.dispose()
