"""Where the suite finds the application."""

from kit.browser import base_url, browser_type_launch_args  # noqa: F401
