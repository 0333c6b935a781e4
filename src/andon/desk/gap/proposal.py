"""What to write into andon.toml for `andon gap`, from what is in the repository. Nothing is run."""

from __future__ import annotations

import json
import os
import re

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
_PLACES = ("", "e2e", "tests", "test", "tests/e2e", "frontend", "web", "client")
#: Bytes of a file that is looked at, and entries of a directory.
_LARGEST = 1 << 18
_ENTRIES = 2000
_ENV_PLACES = ("", "config", "deploy", "env", "envs", "environments", "ops")
_ENV_NAME = re.compile(
    r"\.env(?:\.(?P<after>[\w-]+))?|(?P<before>[\w-]+)\.env|env\.(?P<word>[\w-]+)", re.IGNORECASE
)
_PRODUCTION = frozenset(("production", "prod", "live"))
#: What the tests' settings are called, the likeliest first; "" is a plain `.env`.
_TESTS = ("test", "testing", "tests", "ci", "e2e", "local", "development", "dev", "", "example", "sample")
#: Files that start an application when they are given to Python or Node.js.
_PROGRAMS = (("python3", ("app.py", "server.py", "main.py")), ("node", ("server.js", "app.js", "index.js")))
_ADDRESS = re.compile(
    r"(?:(?:process\.env|os\.environ)\W{1,4}|os\.getenv\W{1,3})(?P<name>[A-Z][A-Z0-9_]*URL)\b"
)
_BASE_URL = re.compile(r"\bbaseURL\s*:\s*(?P<value>[^\n]{1,200})")
_SERVER = re.compile(r"\bcommand\s*:\s*(['\"`])(?P<command>[^'\"`$]{1,200})\1")
_USUAL_VARIABLE = "BASE_URL"


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
        remedy="put [gap], [gap.test] and [gap.prod] into andon.toml; andon gap shows a block to begin with",
    )


def proposed(root: str) -> str:
    """Return a block for andon.toml; what was not found stands there as a comment."""
    where = _playwright(root)
    settings = _playwright_settings(root, where) if where is not None else ""
    lines = ["[gap]", *_suite(root, where, settings)]
    start = _start(root, settings)
    told = f"start = {_list(start)}" if start else '# start = ["python3", "-m", "app", "--port", "{port}"]'
    tests, production = _settings_files(root)
    lines += ["", "[gap.test]", told + "  # its port is in PORT; another name: port_variable"]
    lines += ['health = "/"  # answers once it is up']
    lines += [f"env = {_text(tests)}" if tests else '# env = ".env.test"']
    lines += ['# database = "sqlite:test.db"  # or $NAME of a variable with a PostgreSQL address']
    lines += ["", "[gap.prod]  # started as the tests' world is, unless it says otherwise"]
    lines += [
        f"env = {_text(production)}"
        if production
        else '# env = "kubernetes:deployment/NAME"  # or a file, container:, compose:'
    ]
    lines += ['# database = "$REPLICA_URL"  # only read', "# users = 200", '# network = "slow-4g"']
    lines += ["", "# for each service outside that the application asks, in both worlds:"]
    lines += ["# [[gap.test.dependency]]", '# name = "payments"', '# variable = "PAYMENTS_URL"']
    lines += ['# recording = "payments-tests.har"', "# [[gap.prod.dependency]]", '# name = "payments"']
    lines += ['# recording = "payments-production.har"  # or url = "https://..."']
    return "\n".join(lines) + "\n"


def _suite(root: str, where: str | None, settings: str) -> list[str]:
    if where is not None:
        lines = ['suite = ["npx", "playwright", "test"]']
        lines += [f"directory = {_text(where)}"] if where else []
        named = _BASE_URL.search(settings)
        variable = _ADDRESS.search(named["value"]) if named else None
        if variable is not None and variable["name"] != _USUAL_VARIABLE:
            lines.append(f"url_variable = {_text(variable['name'])}")
        lines.append('artefacts = ["test-results"]  # left by a run with: npx playwright test --trace on')
        return lines
    if not _is_pytest(root):
        return ['# suite = ["npx", "playwright", "test"]  # or pytest, or any command that writes {report}']
    lines = ['suite = ["python3", "-m", "pytest", "-q"]']
    if _uses_browser(root):
        lines.append('artefacts = ["test-results"]  # left by a run with: pytest --tracing on')
    else:
        lines.append('# artefacts = ["junit.xml"]  # left by a run with: pytest --junitxml junit.xml')
    return lines


def _is_pytest(root: str) -> bool:
    return (
        any(os.path.isfile(os.path.join(root, name)) for name in _PYTEST)
        or "[tool.pytest" in _read(root, "pyproject.toml")
        or bool(_tests_of_python(root))
    )


def _tests_of_python(root: str) -> list[str]:
    return [
        os.path.join(place, name)
        for place in _PLACES
        for name in _names(root, place)
        if re.fullmatch(r"test_\w+\.py|\w+_test\.py", name)
    ]


def _uses_browser(root: str) -> bool:
    """Say whether tests or what is to be installed for them name pytest's Playwright."""
    lists = ["pyproject.toml", *(n for n in _names(root, "") if re.fullmatch(r"requirements[\w-]*\.txt", n))]
    return any("pytest-playwright" in _read(root, name) for name in lists) or any(
        "playwright" in _read(root, name) for name in _tests_of_python(root)[:50]
    )


def _playwright(root: str) -> str | None:
    for place in _PLACES:
        if any(os.path.isfile(os.path.join(root, place, name)) for name in _PLAYWRIGHT):
            return place
    return None


def _playwright_settings(root: str, where: str) -> str:
    return next((text for name in _PLAYWRIGHT if (text := _read(root, os.path.join(where, name)))), "")


def _settings_files(root: str) -> tuple[str, str]:
    """Return the files with the tests' and with production's settings, by their names; "" for none."""
    found: dict[str, str] = {}
    for place in _ENV_PLACES:
        for name in _names(root, place):
            if (named := _ENV_NAME.fullmatch(name)) and os.path.isfile(os.path.join(root, place, name)):
                word = next((word for word in named.groups() if word), "").lower()
                found.setdefault(word, os.path.join(place, name))
    tests = next((found[word] for word in _TESTS if word in found), "")
    production = next((found[word] for word in sorted(_PRODUCTION) if word in found), "")
    return tests, production


def _start(root: str, settings: str) -> tuple[str, ...]:
    """Return what starts the application: by Procfile, package.json, webServer, a file's name."""
    for line in _read(root, "Procfile").splitlines():
        name, colon, command = line.partition(":")
        if colon and name.strip() == "web" and not any(c in command for c in "|&;<>`"):
            return tuple(
                word.replace("$PORT", "{port}").replace("${PORT}", "{port}") for word in command.split()
            )
    try:
        scripts = json.loads(_read(root, "package.json") or "{}").get("scripts", {})
    except (ValueError, AttributeError):
        scripts = {}
    if isinstance(scripts, dict) and "start" in scripts:
        return ("npm", "start")
    server = _SERVER.search(settings)
    if server is not None and not any(c in server["command"] for c in "|&;<>"):
        return tuple(server["command"].split())
    for program, names in _PROGRAMS:
        for name in names:
            if os.path.isfile(os.path.join(root, name)):
                return (program, name)
    return ()


def _names(root: str, place: str) -> list[str]:
    try:
        return sorted(os.listdir(os.path.join(root, place)))[:_ENTRIES]
    except OSError:
        return []


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
