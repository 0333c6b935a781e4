"""What the page promises."""

from playwright.sync_api import Page, expect


def test_the_next_event_is_shown(page: Page):
    page.goto("/")
    expect(page.locator("h1")).to_contain_text("2026")


def test_signing_up(page: Page):
    page.route(
        "**/api/signups",
        lambda route: (
            route.fulfill(json={"name": "Ada"}) if route.request.method == "POST" else route.continue_()
        ),
    )
    page.goto("/")
    page.fill("#name", "Ada")
    page.fill("#guests", "2")
    page.click("#go")
    expect(page.locator("#state")).to_have_text("see you, Ada")
