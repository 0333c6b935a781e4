"""Are the flags of new features off by default, with an owner and a purpose? Compares andon.toml in git."""

from __future__ import annotations

from andon.config.load import NAME
from andon.desk.gate.running import running_commit
from andon.response.gates.new_flags import FlagSaid, judge_flags
from andon.response.gates.results import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.model import FlagConfig
    from andon.desk.gate.context import GateContext
    from andon.desk.ports import Desk
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Judge the flags that the running release does not have yet; all of them where none is known to run."""
    desk, commit = context.desk, context.asked.head
    flags = _flags(desk, commit)
    running = running_commit(context)
    if context.production.running and not running:
        told = f"the commit of {context.production.running}, which runs, is not known"
        return unknown("flags-off", told, f"andon deployed {context.production.running} --commit COMMIT")
    known = _defaults(desk, running) if running else {}
    since = context.production.running if running else "the beginning: no release is known to run"
    said = [FlagSaid(name=f.name, owner=f.owner, purpose=f.purpose, default=f.default) for f in flags]
    return judge_flags(said, known, since)


def _flags(desk: Desk, commit: str) -> tuple[FlagConfig, ...]:
    """Return the flags of a commit; those of the work tree where andon.toml is not in git."""
    from andon.config.read import read_config

    content = desk.repository.content(commit, NAME)
    if content is None:
        return desk.config.flags
    where = f"{NAME} in {commit[:10]}"
    return read_config(content, path=where, root=desk.config.root, default_service=desk.config.service).flags


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
