"""What to do with the hooks of a repository: where they may be, and what is kept, written, put back."""

from __future__ import annotations

from enum import StrEnum

from andon.errors import Conflict, Refused
from andon.record import Record
from andon.response.hooks import script
from andon.response.hooks.script import CLIENT, KEPT, LEGACY, SERVER

#: Hooks that no other tool runs for us: where others own the rest, our own file stands beside theirs.
BESIDE = ("reference-transaction",)
#: Hooks to which git tells on standard input what moves.
_SENT = ("pre-push", "reference-transaction")


class HookPlace(Record):
    """Where git looks for the hooks of a repository."""

    directory: str
    #: `core.hooksPath`, and the scope that sets it: `local`, `global`, ...; both "" when it is not set.
    setting: str = ""
    scope: str = ""
    #: True when the directory, links resolved, lies in the repository or its work tree.
    is_own: bool = True
    #: True when it lies in the work tree: it may be committed, so it must not name a path of this machine.
    is_in_work_tree: bool = False
    is_bare: bool = False
    #: lefthook's configuration file, "" for none.
    lefthook: str = ""
    #: The hooks for which the configuration of another tool asks our gate.
    asked: tuple[str, ...] = ()

    @property
    def is_of_husky(self) -> bool:
        """True for the directory that husky fills; it leaves files alone whose names it does not know."""
        return ".husky" in self.directory.split("/")


class Launcher(Record):
    """How a hook starts Andon; both "" when that is left to PATH."""

    python: str = ""
    start: str = ""


class Hook(Record):
    """One hook as it stands; None for a file that is not there."""

    name: str
    current: bytes | None = None
    #: What the pre-commit framework moved away, and calls.
    legacy: bytes | None = None
    #: What we moved away, and call.
    kept: bytes | None = None


class HookState(StrEnum):
    """How a hook stands."""

    IN = "in"
    #: The pre-commit framework calls it.
    CALLED = "called"
    OUTDATED = "outdated"
    OUT = "out"


class Step(Record):
    """One deed: `keep` (under another name as well), `write`, `put-back` (over ours), `remove`."""

    deed: str
    file: str
    #: The other name, for `keep` and `put-back`.
    other: str = ""
    text: str = ""


class HookPlan(Record):
    """What is done with one hook, in order; every step leaves a whole hook in place."""

    name: str
    steps: tuple[Step, ...]
    told: str


def names(place: HookPlace, *, server: bool) -> tuple[str, ...]:
    """Return the hooks that are meant; raises Refused for those of a clone in a bare repository."""
    if place.is_bare and not server:
        raise Refused(
            "a bare repository runs no hooks of commits; what is pushed to it can be checked",
            where=place.directory,
            rule="hooks-place",
            remedy="andon hooks install --server",
        )
    return tuple(SERVER if server else CLIENT)


def refuse_place(place: HookPlace) -> None:
    """Raise Refused, with the lines to add, where a file of ours would be lost or would reach others."""
    if place.directory == "/dev/null":
        raise Refused(
            "git is told to run no hooks at all",
            where="core.hooksPath",
            rule="hooks-place",
            remedy=f"git config --{place.scope or 'local'} --unset core.hooksPath",
        )
    if place.is_of_husky:
        raise Refused(
            "husky owns these hooks and generates them anew",
            where=place.directory,
            rule="hooks-place",
            remedy="add a line to each of husky's own files:\n"
            + "\n".join(f"    .husky/{name}:  {_line(name)}" for name in CLIENT if name not in BESIDE),
        )
    if place.lefthook:
        raise Refused(
            "lefthook owns these hooks and overwrites them",
            where=place.lefthook,
            rule="hooks-place",
            remedy=f"add to {place.lefthook}, then: lefthook install\n" + lefthook_lines(),
        )
    if not place.is_own:
        told = f"core.hooksPath ({place.scope})" if place.setting else "a link"
        rows = "\n".join(f"    {place.directory}/{name}:  {_line(name)}" for name in CLIENT)
        way = f"add a line to each of the shared files:\n{rows}"
        if place.setting:
            way += "\n  or give this repository hooks of its own:\n    git config --local core.hooksPath"
            way += ' "$(cd "$(git rev-parse --git-common-dir)" && pwd)/hooks"; andon hooks install'
        raise Refused(
            f"{told} leads to a place outside this repository, which others may share",
            where=place.directory,
            rule="hooks-place",
            remedy=way,
        )


def _line(name: str) -> str:
    return f'andon gate {CLIENT[name]} "$@"' + (" || exit" if name not in _SENT else "")


def lefthook_lines() -> str:
    """Return what asks our gates from lefthook's configuration."""
    words = {"commit-msg": " {1}", "pre-push": " {1} {2}", "reference-transaction": " {1}"}
    lines = []
    for name, gate in CLIENT.items():
        lines += [f"    {name}:", "      jobs:", "        - name: andon"]
        lines.append(f"          run: andon gate {gate}{words.get(name, '')}")
        if name in _SENT:
            lines.append("          use_stdin: true")
    return "\n".join(lines)


def state_of(hook: Hook, place: HookPlace, launcher: Launcher) -> HookState:
    """Return how a hook stands."""
    if _is_asked(hook, place):
        return HookState.CALLED
    for content, state in ((hook.current, HookState.IN), (hook.legacy, HookState.CALLED)):
        if script.is_ours(content) and (state is HookState.IN or script.is_framework(hook.current)):
            return state if content == _text(hook, launcher).encode() else HookState.OUTDATED
    return HookState.OUT


def _is_asked(hook: Hook, place: HookPlace) -> bool:
    """True when a hook of others asks our gate by itself."""
    if script.is_ours(hook.current):
        return False
    if hook.name in place.asked:
        return True
    gate = (CLIENT | SERVER)[hook.name]
    return hook.current is not None and f"andon gate {gate}".encode() in hook.current


def plan_install(hook: Hook, place: HookPlace, launcher: Launcher) -> HookPlan:
    """Return what puts our hook in; nothing when it is in. Raises Conflict for two hooks of others."""
    text = _text(hook, launcher)
    if _is_asked(hook, place):
        return HookPlan(name=hook.name, steps=(), told="asks the gate already, by another tool")
    if script.is_framework(hook.current) and script.is_ours(hook.legacy):
        if hook.legacy == text.encode():
            return HookPlan(name=hook.name, steps=(), told="is in already; pre-commit calls it")
        step = Step(deed="write", file=hook.name + LEGACY, text=text)
        return HookPlan(name=hook.name, steps=(step,), told="is brought up to date; pre-commit calls it")
    write = Step(deed="write", file=hook.name, text=text)
    if hook.current is None:
        return HookPlan(name=hook.name, steps=(write,), told="added" + _kept_too(hook))
    if script.is_ours(hook.current):
        if hook.current == text.encode():
            return HookPlan(name=hook.name, steps=(), told="is in already" + _kept_too(hook))
        return HookPlan(name=hook.name, steps=(write,), told="is brought up to date" + _kept_too(hook))
    if hook.kept is not None and hook.kept != hook.current:
        raise Conflict(
            f"there are two hooks of others: this one and {hook.name}{KEPT}, and we can only keep one",
            where=hook.name,
            rule="hooks-place",
            remedy=f"look at both and remove the one that is not needed, or call it from the other: "
            f"diff {hook.name} {hook.name}{KEPT}",
        )
    keep = Step(deed="keep", file=hook.name, other=hook.name + KEPT)
    told = f"added; the hook that was here is kept as {hook.name}{KEPT} and called"
    if script.has_windows_ends(hook.current):
        told += "; it has Windows line ends, and is called as it is"
    return HookPlan(name=hook.name, steps=(keep, write), told=told)


def plan_uninstall(hook: Hook) -> HookPlan:
    """Return what takes our hook out and puts back what was there before; nothing when it is not in."""
    kept = hook.name + KEPT
    if script.is_ours(hook.current):
        if hook.kept is None:
            step = Step(deed="remove", file=hook.name)
            return HookPlan(name=hook.name, steps=(step,), told="removed")
        step = Step(deed="put-back", file=kept, other=hook.name)
        return HookPlan(name=hook.name, steps=(step,), told="removed; the hook that was here is back")
    if script.is_ours(hook.legacy):
        legacy = hook.name + LEGACY
        if hook.kept is not None and not script.is_framework(hook.kept):
            step = Step(deed="put-back", file=kept, other=legacy)
            return HookPlan(name=hook.name, steps=(step,), told="removed; the hook that was here is back")
        gone = (legacy,) if hook.kept is None else (legacy, kept)
        steps = tuple(Step(deed="remove", file=file) for file in gone)
        return HookPlan(name=hook.name, steps=steps, told="removed; pre-commit's stays")
    return HookPlan(name=hook.name, steps=(), told="was not in")


def _text(hook: Hook, launcher: Launcher) -> str:
    is_in = script.is_ours(hook.current) or script.is_ours(hook.legacy)
    before = hook.kept if hook.kept is not None or is_in else hook.current
    framework = script.is_framework(before)
    return script.script(hook.name, python=launcher.python, start=launcher.start, keeps_framework=framework)


def _kept_too(hook: Hook) -> str:
    return f"; {hook.name}{KEPT} is called as well" if hook.kept is not None else ""
