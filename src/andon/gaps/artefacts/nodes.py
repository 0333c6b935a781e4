"""The ids of pytest's tests out of what its traces and reports call them. Pure."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SLUG = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Return a text as pytest-playwright names directories by it: lower case, one hyphen for all else."""
    return _SLUG.sub("-", text.lower()).strip("-")


def node_of(title: str, places: Sequence[tuple[str, str]]) -> str:
    """Return the id of the test whose trace has this title, by the (file, function) its calls came from.

    The title is the id as a slug. The id comes without parameters, which pytest takes for all of them;
    "" when no place fits.
    """
    for file, function in places:
        parts = [part for part in re.split(r"[/\\]", file) if part]
        for start in range(len(parts)):
            path = "/".join(parts[start:])
            rest = title.removeprefix(slug(path))
            if rest == title or not function or "<" in function:
                continue
            if (rest + "-").startswith(f"-{slug(function)}-"):
                return f"{path}::{function.replace('.', '::')}"
    return ""


def node_of_case(classname: str, name: str, file: str, trace: str) -> str:
    """Return the id of a JUnit report's test: by its file, its trace's directory, or the look of names."""
    parts = classname.split(".") if classname else []
    for count in range(len(parts), 0, -1):
        path, classes = "/".join(parts[:count]) + ".py", parts[count:]
        candidate = "::".join((path, *classes, name))
        if (file and file == path) or (trace and slug(candidate) == trace):
            return candidate
    count = next((n for n, part in enumerate(parts) if part[:1].isupper()), len(parts))
    if file:
        return "::".join((file, *parts[count:], name))
    return "::".join(("/".join(parts[:count]) + ".py", *parts[count:], name)) if parts else name
