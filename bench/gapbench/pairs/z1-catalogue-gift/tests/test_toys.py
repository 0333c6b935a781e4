"""What the catalogue promises."""

from playwright.sync_api import Page, expect


def test_toys_are_shown(page: Page):
    page.goto("/")
    expect(page.locator("#toys li").first).to_contain_text("Toy 1")


def test_the_stock_is_shown(page: Page):
    page.goto("/")
    expect(page.locator("#stock")).to_contain_text("in stock")
