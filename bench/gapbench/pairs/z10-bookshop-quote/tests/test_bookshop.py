"""What the bookshop promises."""

from playwright.sync_api import Page, expect


def test_the_page_opens(page: Page):
    page.goto("/")
    expect(page.locator("p")).to_contain_text("VAT")


def test_a_book_is_found(page: Page):
    page.goto("/")
    page.fill("#q", "part 3")
    page.click("#go")
    expect(page.locator("#hits li").first).to_contain_text("part 3")
