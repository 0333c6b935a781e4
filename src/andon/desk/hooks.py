"""Putting Andon's git hooks in, taking them out, and saying how they stand."""

from __future__ import annotations

from andon.record import Record
from andon.response.hooks.plan import (
    BESIDE,
    Hook,
    HookState,
    Launcher,
    names,
    plan_install,
    plan_uninstall,
    refuse_place,
    state_of,
)
from andon.response.hooks.script import KEPT, LEGACY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.desk.ports_guarding import HookFiles
    from andon.response.hooks.plan import HookPlace, HookPlan


class HookReport(Record):
    """How one hook stands."""

    name: str
    state: HookState
    #: True when a hook of others is kept and called.
    keeps_another: bool = False
    #: What was done, in words; "" when it was only looked at.
    told: str = ""


class HooksReport(Record):
    """How the hooks of a repository stand."""

    directory: str
    hooks: tuple[HookReport, ...]
    #: What whoever installs should know besides.
    notes: tuple[str, ...] = ()

    @property
    def are_in(self) -> bool:
        """True when every hook asks our gate."""
        return all(h.state in (HookState.IN, HookState.CALLED) for h in self.hooks)


def look_at_hooks(desk: Desk, *, server: bool = False) -> HooksReport:
    """Return how the hooks stand; those of a repository that is pushed to for `server` or a bare one."""
    files = desk.hook_files
    place = files.place()
    launcher = files.launcher()
    hooks = [_hook(files, name) for name in names(place, server=server or place.is_bare)]
    reports = tuple(_report(hook, place, launcher) for hook in hooks)
    return HooksReport(directory=place.directory, hooks=reports)


def install_hooks(desk: Desk, *, server: bool = False) -> HooksReport:
    """Put the hooks in and keep those of others; a second time changes nothing.

    Raises Refused, with the lines to add by hand, where others own the place; Conflict, Unavailable.
    """
    files = desk.hook_files
    place = files.place()
    wanted = names(place, server=server)
    launcher = files.launcher()
    hooks = [_hook(files, name) for name in wanted]
    if place.is_of_husky and not server:  # what it does not know it leaves alone
        _carry_out(files, [plan_install(hook, place, launcher) for hook in hooks if hook.name in BESIDE])
        hooks = [hook for hook in hooks if hook.name not in BESIDE]
    if any(state_of(hook, place, launcher) is not HookState.CALLED for hook in hooks):
        refuse_place(place)
    plans = [plan_install(_hook(files, name), place, launcher) for name in wanted]
    _carry_out(files, plans)
    if not server:
        from andon.desk.gate.receipts import begin_receipts

        begin_receipts(desk)
    notes = _notes(place, launcher)
    return HooksReport(directory=place.directory, hooks=_told(files, place, launcher, plans), notes=notes)


def uninstall_hooks(desk: Desk, *, server: bool = False) -> HooksReport:
    """Take the hooks out and put back those that were there; what is not ours stays. Raises Unavailable."""
    files = desk.hook_files
    place = files.place()
    plans = [plan_uninstall(_hook(files, n)) for n in names(place, server=server or place.is_bare)]
    _carry_out(files, plans)
    return HooksReport(directory=place.directory, hooks=_told(files, place, Launcher(), plans))


def _hook(files: HookFiles, name: str) -> Hook:
    return Hook(
        name=name,
        current=files.read(name),
        legacy=files.read(name + LEGACY),
        kept=files.read(name + KEPT),
    )


def _report(hook: Hook, place: HookPlace, launcher: Launcher, told: str = "") -> HookReport:
    state = state_of(hook, place, launcher)
    keeps = hook.kept is not None and state is not HookState.OUT
    return HookReport(name=hook.name, state=state, keeps_another=keeps, told=told)


def _told(
    files: HookFiles, place: HookPlace, launcher: Launcher, plans: list[HookPlan]
) -> tuple[HookReport, ...]:
    return tuple(_report(_hook(files, p.name), place, launcher, p.told) for p in plans)


def _carry_out(files: HookFiles, plans: list[HookPlan]) -> None:
    for step in (step for plan in plans for step in plan.steps):
        match step.deed:
            case "keep":
                files.keep(step.file, step.other)
            case "write":
                files.write(step.file, step.text)
            case "put-back":
                files.put_back(step.file, step.other)
            case "remove":
                files.remove(step.file)


def _notes(place: HookPlace, launcher: Launcher) -> tuple[str, ...]:
    if place.is_in_work_tree:
        return ("these hooks lie in the work tree: everybody who gets them needs andon on PATH",)
    if not launcher.python:
        return ("this interpreter cannot be named in a hook: andon has to be on PATH where git is used",)
    return ()
