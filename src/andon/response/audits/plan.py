"""Which tools are to be asked about which lock files, and with which words."""

from __future__ import annotations

import json

from andon.record import Record
from andon.response.audits.pins import python_pins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Question(Record):
    """One run of one tool."""

    #: As it is recorded, and as `formats.READERS` calls it.
    tool: str
    #: The program that has to be on PATH.
    program: str
    arguments: tuple[str, ...]
    #: What the directory it runs in has to hold: names and texts.
    files: tuple[tuple[str, str], ...]
    #: Where in it the tool is started; "" for its root.
    directory: str = ""
    #: The lock file it is about.
    about: str = ""
    #: What of it is not asked about: it makes the answer partial.
    left_out: tuple[str, ...] = ()
    #: How many packages it must have looked at; 0 when that is not known.
    expects: int = 0
    #: A package among them, not of the project, of which weaknesses are known: "" when there is none.
    canary: str = ""
    #: Exit codes with which it has answered; any other is a failure.
    answers: tuple[int, ...] = (0, 1)


#: How each tool is installed, told when it is missing.
INSTALL = {
    "pip-audit": "pip install pip-audit",
    "npm audit": "install npm",
    "pnpm audit": "install pnpm",
    "yarn audit": "install yarn",
    "osv-scanner": "install osv-scanner",
    "cargo audit": "cargo install cargo-audit",
    "bundle-audit": "gem install bundler-audit",
    "govulncheck": "go install golang.org/x/vuln/cmd/govulncheck@latest",
}
#: Lock files that osv-scanner reads beside those of the other tools.
_OSV_ONLY = (
    "go.mod",
    "composer.lock",
    "pom.xml",
    "pubspec.lock",
    "mix.lock",
    "conan.lock",
    "gradle.lockfile",
)
#: Releases with weaknesses that everybody knows: an index that knows none of them knows nothing. A mirror
#: without the data of weaknesses answers every question with "none", and pip-audit ends with 0.
_CANARIES = {"jinja2": "2.4.1", "pyyaml": "3.12", "urllib3": "1.24.1"}
_PYTHON = ("uv.lock", "poetry.lock", "pdm.lock", "pipfile.lock")
_NPM = ("npm", "audit", "--json", "--package-lock-only", "--ignore-scripts")
_BUNDLE = ("bundle-audit", "check", "--update", "--quiet", "--format", "json")
#: Lock files of one question to osv-scanner: each is an argument. It ends with 127 when it failed, and with
#: 128 when it saw no package.
_OSV_LIMIT = 200


def is_audited(path: str) -> bool:
    """True for a lock file that some tool can be asked about."""
    name = path.rpartition("/")[2].lower()
    is_list = name.endswith(".txt") and ("requirements" in path.lower() or "constraints" in name)
    others = (
        "package-lock.json",
        "npm-shrinkwrap.json",
        "pnpm-lock.yaml",
        "yarn.lock",
        "cargo.lock",
        "gemfile.lock",
    )
    return is_list or name in (*_PYTHON, *others, *_OSV_ONLY)


def beside(path: str) -> tuple[str, ...]:
    """Return the files that a tool needs beside a lock file."""
    directory, name = _split(path)
    if name.lower() in ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock"):
        return (f"{directory}package.json", f"{directory}.npmrc")
    return ()


def questions(texts: Mapping[str, str], programs: Collection[str]) -> tuple[Question, ...]:
    """Return every run there is to make, also of tools that are not among `programs`.

    `texts` has the lock files and what stands beside them, by path. A tool that is missing is left out where
    osv-scanner answers in its place. Where several can answer, all are asked.
    """
    locks = [path for path in texts if is_audited(path)]
    own = [q for path in sorted(locks) if (q := _own(path, texts)) is not None]
    has_osv = "osv-scanner" in programs
    asked = [q for q in own if q.program in programs or not has_osv]
    rest = [path for path in locks if path.lower().rpartition("/")[2] in _OSV_ONLY]
    if has_osv and locks:
        asked.append(_osv(locks, texts))
    elif rest:
        asked.append(_osv(rest, texts))
    return tuple(asked)


def _own(path: str, texts: Mapping[str, str]) -> Question | None:
    """Return the question for the tool of the lock file's own kind, None when there is none."""
    name, text = _split(path)[1].lower(), texts[path]
    match name:
        case "package-lock.json" | "npm-shrinkwrap.json" if _is_empty(text):
            return None
        case "package-lock.json" | "npm-shrinkwrap.json":
            return _node("npm audit", _NPM, path, texts)
        case "pnpm-lock.yaml":
            return _node("pnpm audit", ("pnpm", "audit", "--json"), path, texts)
        case "yarn.lock" if "__metadata:" in text:
            return _node("yarn audit", ("yarn", "npm", "audit", "--all", "--json"), path, texts)
        case "yarn.lock":  # its exit code adds up a bit for each severity
            return _node("yarn audit", ("yarn", "audit", "--json"), path, texts, tuple(range(32)))
        case "cargo.lock":
            return _alone("cargo audit", ("cargo-audit", "audit", "--json"), path, text)
        case "gemfile.lock":
            return _alone("bundle-audit", _BUNDLE, path, text)
        case _:
            return _pip(path, text) if name in _PYTHON or name.endswith(".txt") else None


def _is_empty(text: str) -> bool:
    """True for a lock file of npm with nothing but the project itself in it."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(whole, dict):
        return False
    packages = whole.get("packages")
    return isinstance(packages, dict) and not whole.get("dependencies") and set(packages) <= {""}


def _alone(tool: str, words: tuple[str, ...], path: str, text: str) -> Question:
    return Question(
        tool=tool,
        program=words[0],
        arguments=words,
        files=((path, text),),
        directory=_split(path)[0],
        about=path,
    )


def _node(
    tool: str, words: tuple[str, ...], path: str, texts: Mapping[str, str], answers: tuple[int, ...] = (0, 1)
) -> Question:
    files = tuple((one, texts[one]) for one in (path, *beside(path)) if one in texts)
    directory = _split(path)[0]
    return Question(
        tool=tool,
        program=words[0],
        arguments=words,
        files=files,
        directory=directory,
        about=path,
        answers=answers,
    )


def _pip(path: str, text: str) -> Question | None:
    """Ask about the pinned versions alone: nothing is resolved, built or installed for it."""
    pins = python_pins(path, text)
    if not pins.versions and not pins.open:
        return None
    canary = next((name for name in _CANARIES if name not in pins.versions), "")
    asked = {**pins.versions, **({canary: _CANARIES[canary]} if canary else {})}
    listed = "".join(f"{name}=={version}\n" for name, version in sorted(asked.items()))
    words = (
        "pip-audit", "--requirement", "pinned.txt", "--no-deps", "--disable-pip", "--format", "json",
        "--progress-spinner", "off",
    )  # fmt: skip
    return Question(
        tool="pip-audit",
        program="pip-audit",
        arguments=words,
        files=(("pinned.txt", listed),),
        about=path,
        left_out=tuple(f"not pinned, so not looked at: {one}" for one in pins.open),
        expects=len(pins.versions),
        canary=canary,
    )


def _osv(locks: list[str], texts: Mapping[str, str]) -> Question:
    chosen = locks[:_OSV_LIMIT]
    words = [word for path in chosen for word in ("--lockfile", _parsed_as(path))]
    return Question(
        tool="osv-scanner",
        program="osv-scanner",
        arguments=("osv-scanner", "scan", "--format", "json", *words),
        files=tuple((path, texts[path]) for path in chosen),
        about=chosen[0] if len(chosen) == 1 else f"{len(chosen)} lock files",
        left_out=tuple(locks[_OSV_LIMIT:]),
    )


def _parsed_as(path: str) -> str:
    """Return `--lockfile`'s value: a list of requirements has to be called one."""
    name = path.rpartition("/")[2].lower()
    return f"requirements.txt:{path}" if name.endswith(".txt") and name != "requirements.txt" else path


def _split(path: str) -> tuple[str, str]:
    directory, slash, name = path.rpartition("/")
    return f"{directory}{slash}", name
