"""What the shop window promises."""

from playwright.sync_api import Page, expect


def test_plants_are_shown(page: Page):
    page.goto("/", wait_until="commit")
    expect(page.locator("li")).to_have_count(6)


def test_a_plant_is_put_into_the_basket(page: Page):
    page.goto("/", wait_until="commit")
    page.locator("button.add").nth(1).hover()
    page.wait_for_timeout(150)
    page.locator("button.add").nth(1).click()
    expect(page.locator("#basket")).to_have_text("1 in the basket")
