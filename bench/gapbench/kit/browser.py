"""Fixtures of the suites with pytest-playwright: where the application and the browser are."""

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def base_url():
    return os.environ["BASE_URL"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = shutil.which("chromium") or shutil.which("google-chrome")
    more = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **more, "args": ["--no-sandbox"]}
