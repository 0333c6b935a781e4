"""What a person sees who looks a little later than the test: python3 settle.py URL (for the proof alone)."""

import sys

from playwright.sync_api import expect, sync_playwright

from kit.browser import shutil

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    page = browser.new_page()
    page.goto(sys.argv[1])
    page.fill("#q", "apricot")
    expect(page.locator("#fruit li")).to_have_text(["apricot"])
    page.wait_for_load_state("networkidle")
    shown = page.locator("#fruit li").all_text_contents()
    browser.close()
if shown != ["apricot"]:
    sys.exit(f"shown afterwards: {shown}")
