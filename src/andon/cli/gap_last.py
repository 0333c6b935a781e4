"""The last search that belongs to no incident, kept in the cache: for its page and for what prevents it."""

from __future__ import annotations

import json
import os

from andon.config.load import cache_directory, write_private
from andon.desk.gap.kept import plain_search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gap.find import Found
    from andon.desk.ports import Desk


def keep_last(desk: Desk, found: Found) -> None:
    """Keep a search and its page for this repository, for its owner alone to read; failing to is no error."""
    if found.incident is not None:
        return
    for ending, text in (("html", found.page), ("json", json.dumps(plain_search(found.search)))):
        write_private(_file(desk, ending), text.encode("utf-8", "backslashreplace"))


def last_search(desk: Desk) -> str:
    """Return the file with the last search that belongs to no incident; "" when there is none."""
    file = _file(desk, "json")
    return file if file and os.path.isfile(file) else ""


def last_page(desk: Desk) -> tuple[str, str]:
    """Return the id and the page of the last search that belongs to no incident; empty when there is none."""
    try:
        with open(_file(desk, "json"), encoding="utf-8") as file:
            name = str(json.load(file)["id"])
        with open(_file(desk, "html"), encoding="utf-8") as file:
            return name, file.read()
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def _file(desk: Desk, ending: str) -> str:
    directory = cache_directory()
    name = "".join(c if c.isalnum() else "-" for c in os.path.abspath(desk.config.root))[-120:]
    return os.path.join(directory, f"gap-{name}.{ending}") if directory else ""
