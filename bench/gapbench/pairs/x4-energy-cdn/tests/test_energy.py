"""What the plant's screen relies on."""

from playwright.sync_api import Page, expect


def test_the_average_is_shown(page: Page):
    page.goto("/")
    expect(page.locator("#average")).not_to_be_empty()


def test_readings_are_drawn(page: Page):
    page.goto("/")
    expect(page.locator("#problem")).to_have_text("", timeout=3000)
    expect(page.locator("#bars .bar")).to_have_count(12, timeout=3000)
