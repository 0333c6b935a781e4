"""Which build each world runs, and whether it is another one: by what is configured, a page, and git."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import ssl
from urllib.parse import urlsplit

from andon.gaps.environment.builds import Release, is_other
from andon.production.address import shown, target
from andon.production.gap.pace import Pace
from andon.production.process import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.config.model_gap import WorldConfig

#: Seconds, and bytes of the page.
_TIMEOUT, _LARGEST = 5.0, 64 * 1024
#: Keys under which pages of this sort name the build, the most exact first.
_KEYS = ("commit", "sha", "git_sha", "git_commit", "revision", "gitsha", "build", "version", "release", "tag")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/@:-]{0,119}")
_COMMIT = re.compile(r"[0-9a-f]{7,40}")


def release_of(
    world: WorldConfig,
    root: str,
    consent: Callable[[str], bool],
    *,
    base: str = "",
    pace: Pace | None = None,
) -> Release:
    """Return what a world runs; never raises: `told` says why it is not known.

    `base` is where the world runs now, when that is not its configured `url`. A version or a tag that git
    knows is resolved to its commit.
    """
    given = world.release
    if given.startswith("url:"):
        url = (base or world.url) + given.removeprefix("url:")
        given, told = _asked(url, consent, pace or Pace())
        if not given:
            return Release(told=told)
    if not given:
        return Release(told="nothing says which build it runs: release in andon.toml")
    return Release(text=given, commit=commit_of(given, root))


def release_of_tree(root: str) -> Release:
    """Return the commit that is checked out: what the tests' world is started from."""
    commit = commit_of("HEAD", root)
    return Release(text=commit[:12], commit=commit) if commit else Release(told="this is no git repository")


def is_another_build(
    test: WorldConfig,
    prod: WorldConfig,
    root: str,
    consent: Callable[[str], bool],
    *,
    pace: Pace | None = None,
) -> tuple[bool | None, str]:
    """Say whether production runs another build than the tests, and how that is known; None: not known."""
    theirs = release_of(prod, root, consent, pace=pace)
    ours = release_of(test, root, consent, pace=pace) if test.release else release_of_tree(root)
    return is_other(ours, theirs)


def commit_of(name: str, root: str) -> str:
    """Return the commit that a version, a tag or a part of an id names here; "" when git knows none."""
    if not _WORD.fullmatch(name):
        return ""
    for candidate in dict.fromkeys((name, f"v{name}")):
        found = run(
            ("git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}"),
            cwd=root,
            timeout=_TIMEOUT,
            apart=True,
        )
        if found.succeeded and _COMMIT.fullmatch(found.output.strip()):
            return found.output.strip()
    return name if len(name) == 40 and _COMMIT.fullmatch(name) else ""


def _asked(url: str, consent: Callable[[str], bool], pace: Pace) -> tuple[str, str]:
    """Return what a page names, and else why not."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", "the address of the page that names the release cannot be read"
    if not host:
        return "", "release names a page, and the world has no url"
    if not consent(host):
        return "", f"{host} was not asked: give --i-own-this {host}"
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=_TIMEOUT)
    with pace.turn(host), contextlib.closing(connection):
        try:
            connection.request("GET", target(parts), headers={"User-Agent": "andon", "Connection": "close"})
            answer = connection.getresponse()
            content = answer.read(_LARGEST)
        except (OSError, ssl.SSLError, http.client.HTTPException, ValueError) as problem:
            return "", f"{shown(url)} did not answer: {type(problem).__name__}"
    if answer.status != 200:
        return "", f"{shown(url)} answered {answer.status}"
    named = named_in(content.decode("utf-8", "replace"))
    return (named, "") if named else ("", f"{shown(url)} names no release that is understood")


def named_in(page: str) -> str:
    """Return the build that a page names: a JSON object's commit or version, or the only word of a text."""
    try:
        document = json.loads(page)
    except (ValueError, RecursionError):
        word = page.strip()
        return word if _WORD.fullmatch(word) else ""
    if isinstance(document, dict):
        lowered = {str(key).lower(): value for key, value in document.items()}
        found = [lowered[key] for key in _KEYS if isinstance(lowered.get(key), str | int)]
        return next((str(one) for one in found if _WORD.fullmatch(str(one))), "")
    return str(document) if isinstance(document, str | int) and _WORD.fullmatch(str(document)) else ""
