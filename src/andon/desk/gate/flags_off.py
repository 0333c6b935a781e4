"""Are the flags of new features off by default, with an owner and a purpose?

Compares `[[flag]]` of andon.toml, and the file that its `[flags]` names, with those of the running release.
"""

from __future__ import annotations

from andon.config.load import NAME
from andon.desk.gate.running import running_commit
from andon.response.gates.new_flags import FlagSaid, judge_flags
from andon.response.gates.results import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.desk.ports import Desk
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Judge the flags that the running release does not have yet; all of them where none is known to run."""
    from andon.desk.gate.flag_definitions import config_at

    desk, commit = context.desk, context.asked.head
    config = config_at(desk, commit)
    running = running_commit(context)
    if context.production.running and not running:
        told = f"the commit of {context.production.running}, which runs, is not known"
        return unknown("flags-off", told, f"andon deployed {context.production.running} --commit COMMIT")
    known = _defaults(desk, running) if running else {}
    since = context.production.running if running else "the beginning: no release is known to run"
    said = {
        f.name: FlagSaid(name=f.name, owner=f.owner, purpose=f.purpose, default=f.default)
        for f in config.flags
    }
    if path := config.flag_system.file:
        from andon.desk.gate.flag_definitions import defaults_before, said_at

        defined = said_at(desk, commit, path)
        said |= defined
        known |= defaults_before(desk, running, path, defined)
        known |= {key: default for key, default in _rolled_out(desk).items() if key in known}
    return judge_flags(said.values(), known, since)


def _rolled_out(desk: Desk) -> dict[str, str]:
    """Return the flags that everybody got by a rollout: a release that writes it down turns nothing on."""
    from andon.desk.gate.flag_definitions import rollouts
    from andon.errors import AndonError

    try:
        return {key: "on" for key, percent in rollouts(desk).items() if percent >= 100}
    except AndonError:  # what is on cannot be seen: then it was as the running release says
        return {}


def _defaults(desk: Desk, commit: str) -> dict[str, str]:
    """Return the default of each flag of a commit; none from a file that cannot be read: all are new."""
    import tomllib

    try:
        values = tomllib.loads((desk.repository.content(commit, NAME) or b"").decode())
    except ValueError:
        return {}
    tables = values.get("flag", [])
    if not isinstance(tables, list):
        return {}
    return {str(t.get("name", "")): str(t.get("default", "")) for t in tables if isinstance(t, dict)}
