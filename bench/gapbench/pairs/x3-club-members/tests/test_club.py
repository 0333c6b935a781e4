"""What the club's secretary relies on."""

from playwright.sync_api import Page, expect


def test_boats_are_shown(page: Page):
    page.goto("/")
    expect(page.locator("#boats li").first).to_contain_text("Boat 1")


def test_a_member_is_found(page: Page):
    page.goto("/")
    page.fill("#find", "greta iv")
    expect(page.locator("#members li")).to_have_text(["Greta Ivers"])
