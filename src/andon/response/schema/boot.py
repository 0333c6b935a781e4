"""Whether the older release starts on a newer schema: the migrate step that it runs when it boots.

Some runners stop when the database knows a migration that their files do not; then the way back ends in a
crash loop. What a release starts is looked for in the files that say so, as they were in the older commit.
"""

from __future__ import annotations

import json
import re

from andon.incident.words import Verdict
from andon.record import Record
from andon.response.schema.from_within import calls_within
from andon.response.schema.layouts import Framework
from andon.response.schema.runners import RUNNERS, Runner, as_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


#: Whatever else sounds like one.
_SOUNDS_LIKE = re.compile(r"(?i)\bmigrat\w*|\bdb[:_ -](?:push|sync|update|upgrade|deploy)\b|\bschema[:_-]\w+")

#: Frameworks that a program usually calls from within, where no file of these shows it.
_FROM_WITHIN = frozenset((Framework.GOLANG_MIGRATE, Framework.SQL_MIGRATE))
#: Frameworks whose runner leaves newer migrations alone, from wherever it is called.
_PATIENT = frozenset(r.framework for r in RUNNERS if r.on_newer is Verdict.PASSED) - {
    r.framework for r in RUNNERS if r.on_newer is not Verdict.PASSED
}


class Boot(Record):
    """What is known of the older release's start."""

    verdict: Verdict
    #: In words, with the file and line.
    reason: str


class Step(Record):
    """A migrate step that was found."""

    path: str
    line: int
    command: str
    runner: Runner | None


_BOOT_NAME = re.compile(
    r"(?i)^(procfile(\.\w+)?|dockerfile(\..+)?|.+\.dockerfile|containerfile|(docker-)?compose[\w.-]*\.ya?ml|"
    r"package\.json|fly(\.\w+)?\.toml|app\.json|heroku\.yml|railway\.(json|toml)|render\.ya?ml|nixpacks\.toml)$"
)
_SCRIPT = re.compile(r"(?i)(^|/)(bin|scripts?|docker|deploy|ops)/[^/]+$|\.sh$|(^|/)[\w-]*entrypoint[\w.-]*$")
_STARTS_ALONE = re.compile(r"(?i)(entrypoint|prestart|^start|^boot|^release|^run)[\w-]*(\.sh)?$")
_CLUSTER = re.compile(
    r"(?i)(^|/)(k8s|kubernetes|manifests?|helm|charts?|deploy|deployment|templates)/.*\.ya?ml$"
)

#: Characters of a file that are looked at, and how deep scripts may call each other.
LENGTH_LIMIT, CALL_LIMIT = 64_000, 4


def is_boot_file(path: str) -> bool:
    """True when `path` can say what a release starts."""
    name = path.rpartition("/")[2]
    if path.count("/") > 5 or "node_modules/" in path:
        return False
    return bool(_BOOT_NAME.match(name) or _SCRIPT.search(path) or _CLUSTER.search(path))


def check_boot(
    frameworks: Sequence[Framework], files: Mapping[str, str], source: Mapping[str, str] | None = None
) -> Boot:
    """Say whether an older release with these boot files starts on a schema with newer migrations.

    `source` are the files of its program in which WORDS_WITHIN stand.
    """
    steps = find_steps(files)
    said: list[Boot] = []
    for framework in dict.fromkeys(frameworks):
        said += [_answer(framework, s) for s in steps if s.runner is None or s.runner.framework is framework]
        if not any(s.runner and s.runner.framework is framework for s in steps):
            inside = [Boot(verdict=v, reason=r) for v, r in calls_within(framework, source or {})]
            said += inside or [_silent(framework, files)]
    for wanted in (Verdict.FAILED, Verdict.UNKNOWN):
        for boot in said:
            if boot.verdict is wanted:
                return boot
    return said[0] if said else Boot(verdict=Verdict.PASSED, reason="no migration, nothing to start on")


def _answer(framework: Framework, step: Step) -> Boot:
    where = f"{step.path}:{step.line} runs `{step.command}` at the start"
    if step.runner is None:
        if framework in _PATIENT:
            return Boot(verdict=Verdict.PASSED, reason=f"{where}; {framework} leaves newer migrations alone")
        return Boot(verdict=Verdict.UNKNOWN, reason=f"{where}; what it does on a newer schema is not known")
    return Boot(verdict=step.runner.on_newer, reason=f"{where}; {step.runner.because}")


def _silent(framework: Framework, files: Mapping[str, str]) -> Boot:
    """What follows when no step of a framework was found."""
    if framework in _PATIENT:
        return Boot(verdict=Verdict.PASSED, reason=f"{framework} leaves newer migrations alone")
    if framework is Framework.PRISMA:
        return Boot(verdict=Verdict.PASSED, reason="no file that starts the release runs Prisma")
    if framework in (Framework.SQL, Framework.UNKNOWN, Framework.SUPABASE):
        return Boot(
            verdict=Verdict.UNKNOWN,
            reason=f"what applies the {framework} migrations, and if it accepts newer ones, is not known",
        )
    if not files:
        return Boot(verdict=Verdict.UNKNOWN, reason="no file of the older release says what it starts")
    if framework in _FROM_WITHIN:
        return Boot(
            verdict=Verdict.UNKNOWN,
            reason=f"{framework} is mostly called from within the program, where it cannot be seen",
        )
    return Boot(verdict=Verdict.PASSED, reason="no file that starts the older release migrates")


def find_steps(files: Mapping[str, str]) -> list[Step]:
    """Return the migrate steps that are run when a release starts, in the order of the files."""
    scripts = _package_scripts(files)
    commands = {path: list(_commands(path, text[:LENGTH_LIMIT])) for path, text in files.items()}
    started = _started(commands, scripts)
    return [
        step
        for path in sorted(started)
        for line, command in commands[path]
        for step in _steps_of(path, line, command, scripts)
    ]


def _started(commands: Mapping[str, list[tuple[int, str]]], scripts: Mapping[str, str]) -> set[str]:
    """Return the files that start something by themselves, and those that these call."""
    found = {path for path in commands if _starts(path)}
    for _ in range(CALL_LIMIT):
        told = (text for path in found for _, c in commands[path] for text in _meant(c, scripts))
        called = "\n".join(told)
        more = {path for path in commands if path not in found and _is_called(path, called)}
        if not more:
            break
        found |= more
    return found


def _is_called(path: str, called: str) -> bool:
    name = path.rpartition("/")[2]
    before = r"(?<![\w.-])" if "." in name else "/"  # `update` alone is a word, `bin/update` a call
    return bool(re.search(rf"{before}{re.escape(name)}(?![\w-])", called))


def _starts(path: str) -> bool:
    """True for a file that starts something by itself, rather than by being called."""
    name = path.rpartition("/")[2]
    return bool(_BOOT_NAME.match(name) or _STARTS_ALONE.search(name) or _CLUSTER.search(path))


#: A file that is put into a container under another path.
_MOUNT = re.compile(r"""^-?\s*["']?[.~$/\w][^\s:]*:/[^\s]*$""")
#: A package manager that runs a script of package.json.
_CALLS = re.compile(r"\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:.-]+)")


def _meant(command: str, scripts: Mapping[str, str]) -> list[str]:
    """Return a command with the scripts of package.json that it calls, two calls deep."""
    texts = [command]
    for match in _CALLS.finditer(command):
        inner = scripts.get(match[1], "")
        texts.append(inner)
        texts += [scripts.get(m[1], "") for m in _CALLS.finditer(inner)]
    return texts


def _steps_of(path: str, line: int, command: str, scripts: Mapping[str, str]) -> Iterator[Step]:
    texts = _meant(command, scripts)
    told = " ".join(command.split())[:80]
    for text in texts:
        runner = next((r for r in RUNNERS if r.command.search(text)), None)
        if runner is not None:
            yield Step(path=path, line=line, command=told, runner=runner)
            return
    if any(_SOUNDS_LIKE.search(text) for text in texts) and not _MOUNT.match(command):
        yield Step(path=path, line=line, command=told, runner=None)


def _commands(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of what a file runs when the release starts."""
    name = path.rpartition("/")[2].lower()
    if name == "package.json":
        yield from _started_scripts(text)
        return
    in_build = False
    for number, line in enumerate(text.splitlines(), 1):
        told = line.strip()
        if not told or told.startswith(("#", "//")):
            continue
        if "dockerfile" in name or name == "containerfile":
            if not in_build and not re.match(r"(?i)(cmd|entrypoint)\b", told):
                in_build = told.endswith("\\")
                continue
            if in_build:
                in_build = told.endswith("\\")
                continue
        yield number, as_command(told[:2_000])


def _package_scripts(files: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, text in files.items():
        if path.rpartition("/")[2] == "package.json":
            found.update(_scripts(text))
    return found


def _scripts(text: str) -> dict[str, str]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    scripts = read.get("scripts") if isinstance(read, dict) else None
    return {k: v for k, v in scripts.items() if isinstance(v, str)} if isinstance(scripts, dict) else {}


def _started_scripts(text: str) -> Iterator[tuple[int, str]]:
    for name, command in _scripts(text).items():
        if re.match(r"(?i)(pre|post)?start(:|$)|(pre|post)?(release|deploy)(:|$)|heroku-postbuild$", name):
            place = text.find(f'"{name}"')
            yield text.count("\n", 0, max(place, 0)) + 1, command
