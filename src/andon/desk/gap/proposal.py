"""What to write into andon.toml for `andon gap`, from what is in the repository. Nothing is run."""

from __future__ import annotations

import json
import os

from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.model import Config

_PLAYWRIGHT = (
    "playwright.config.ts",
    "playwright.config.js",
    "playwright.config.mjs",
    "playwright.config.cjs",
)
_PYTEST = ("pytest.ini", "conftest.py", "tests/conftest.py", "e2e/conftest.py", "tox.ini")
_PLACES = ("", "e2e", "tests", "tests/e2e", "frontend", "web")
#: Bytes of a file that is looked at.
_LARGEST = 1 << 18
_ENV = (".env.test", ".env.testing", "test.env", ".env.ci", ".env.example")


def is_configured(config: Config) -> bool:
    """True when there is a suite, or something of a world, to begin with."""
    known = (config.gap_test.start, config.gap_prod.env, config.gap_prod.database)
    return config.gap.is_configured or any(known)


def suite_here(root: str) -> str:
    """Return the configuration of a suite of browser tests that is in the repository; "" for none."""
    for place in _PLACES:
        for name in _PLAYWRIGHT:
            if os.path.isfile(os.path.join(root, place, name)):
                return os.path.join(place, name)
    return ""


def refuse_unconfigured(config: Config) -> None:
    """Raise InvalidInput, with the block to write, where no suite and no world is configured."""
    if is_configured(config):
        return
    raise InvalidInput(
        "nothing says which suite passed and in which two worlds to look",
        where=os.path.basename(config.path) if config.path else "andon.toml",
        rule="gap-configured",
        remedy="write [gap], [gap.test] and [gap.prod]: andon gap --plan shows a block to begin with",
    )


def proposed(root: str) -> str:
    """Return a block for andon.toml; what was not found stands there as a comment."""
    where = _playwright(root)
    lines = ["[gap]"]
    if where is not None:
        lines += ['suite = ["npx", "playwright", "test"]']
        lines += [f"directory = {_text(where)}"] if where else []
        lines += ['artefacts = ["test-results", "playwright-report"]  # traces on: --trace on']
    elif any(os.path.isfile(os.path.join(root, name)) for name in _PYTEST):
        lines += ['suite = ["python", "-m", "pytest", "-q"]', '# artefacts = ["junit.xml"]  # or traces']
    else:
        lines += ['# suite = ["npx", "playwright", "test"]  # or pytest, or any command that writes {report}']
    start = _start(root)
    told = f"start = {_list(start)}" if start else '# start = ["python3", "-m", "app", "--port", "{port}"]'
    env = next((name for name in _ENV if os.path.isfile(os.path.join(root, name))), "")
    lines += ["", "[gap.test]", told, 'health = "/"']
    lines += [f"env = {_text(env)}" if env else '# env = ".env.test"']
    lines += ['# database = "sqlite:test.db"  # or $NAME of a variable with a PostgreSQL address']
    lines += ["", "[gap.prod]", '# env = "kubernetes:deployment/NAME"  # or a file, container:, compose:']
    lines += ['# database = "$REPLICA_URL"  # only read', "# users = 200", '# network = "slow-4g"']
    return "\n".join(lines) + "\n"


def _playwright(root: str) -> str | None:
    for place in _PLACES:
        if any(os.path.isfile(os.path.join(root, place, name)) for name in _PLAYWRIGHT):
            return place
    return None


def _start(root: str) -> tuple[str, ...]:
    """Return what starts the application, by its Procfile or package.json."""
    for line in _read(root, "Procfile").splitlines():
        name, colon, command = line.partition(":")
        if colon and name.strip() == "web" and not any(c in command for c in "|&;<>`"):
            return tuple(
                word.replace("$PORT", "{port}").replace("${PORT}", "{port}") for word in command.split()
            )
    try:
        scripts = json.loads(_read(root, "package.json") or "{}").get("scripts", {})
    except (ValueError, AttributeError):
        return ()
    return ("npm", "start") if isinstance(scripts, dict) and "start" in scripts else ()


def _read(root: str, name: str) -> str:
    try:
        with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(word) for word in words) + "]"
