"""The flags that a commit defines in the configured flag file, for the rules that judge them."""

from __future__ import annotations

from andon.config.load import NAME
from andon.errors import InvalidInput, NotFound
from andon.flags.evaluator import Evaluator
from andon.flags.overrides import safe_variant
from andon.flags.reading import read_document
from andon.flags.tested_states import is_passing
from andon.response.gates.new_flags import FlagSaid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from andon.config.model import Config
    from andon.desk.ports import Desk
    from andon.flags.details import Details

#: Callers that are made up, to see whether a flag is on for any of whom nothing is known: one percent of
#: everybody is missed once in twenty thousand times.
CALLERS = 1000


def config_at(desk: Desk, commit: str) -> Config:
    """Return the configuration of a commit; that of the work tree where andon.toml is not in git."""
    from andon.config.read import read_config

    content = desk.repository.content(commit, NAME)
    if content is None:
        return desk.config
    where = f"{NAME} in {commit[:10]}"
    return read_config(content, path=where, root=desk.config.root, default_service=desk.config.service)


def document_at(desk: Desk, commit: str, path: str) -> Mapping[str, Any]:
    """Return the flag file of a commit; raises NotFound without one, InvalidInput with file and line."""
    content = desk.repository.content(commit, path)
    if content is None:
        raise NotFound(
            f"{path}, which [flags] in andon.toml names, is not in {commit[:10]}",
            where=path,
            rule="flag-file",
            remedy=f"git add {path}; or correct file in [flags]",
        )
    return read_document(content, path)


def flags_before(desk: Desk, commit: str, path: str) -> Mapping[str, Any]:
    """Return the flag file of an older commit; empty when it had none that can be read: all is new then.

    "" stands for no older commit.
    """
    try:
        return document_at(desk, commit, path) if commit else {}
    except (InvalidInput, NotFound):
        return {}


def said_at(desk: Desk, commit: str, path: str) -> dict[str, FlagSaid]:
    """Return what the flag file of a commit says of each flag; raises as `document_at` does."""
    document = document_at(desk, commit, path)
    return {key: _said(key, flag, document, path) for key, flag in flags_in(document).items()}


def defaults_before(desk: Desk, commit: str, path: str, keys: Iterable[str]) -> dict[str, str]:
    """Return what the flags of an older commit did by default, of those among `keys` that it had."""
    document = flags_before(desk, commit, path)
    return {key: default_of(key, document) for key in keys if key in flags_in(document)}


def flags_in(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the flags that are objects; what else stands there is for `andon flags lint` to tell."""
    found = document.get("flags")
    return {k: f for k, f in found.items() if isinstance(f, dict)} if isinstance(found, dict) else {}


def _said(key: str, flag: Mapping[str, Any], document: Mapping[str, Any], path: str) -> FlagSaid:
    metadata = flag.get("metadata")
    told: Mapping[str, Any] = metadata if isinstance(metadata, dict) else {}
    return FlagSaid(
        name=key,
        owner=_text(told.get("owner")),
        purpose=_text(told.get("purpose")),
        default=default_of(key, document),
        is_passing=is_passing(flag),
        path=path,
    )


def rollouts(desk: Desk) -> dict[str, float]:
    """Return how many percent of everybody get the flags that are being rolled out, where a system does that.

    Raises what the flag system raises when it cannot be asked.
    """
    settings = desk.config.flag_system
    if settings.system == "andon" and not settings.server:
        return {}
    system = desk.flag_system
    seen = system.flags() if system is not None else ()
    return {flag.key: flag.rollout.percent for flag in seen if flag.rollout is not None}


def default_of(key: str, document: Mapping[str, Any]) -> str:
    """Say whether a flag is off for everybody of whom nothing is known: `off`, `on`, or "" when nobody knows.

    A rule is asked as production would ask it, for made-up targeting keys: however it is written, a share of
    everybody shows. What it gives to callers with certain attributes is not called the default.
    """
    flag = flags_in(document)[key]
    off = safe_variant(flag)
    if not off or flag.get("state", "ENABLED") != "ENABLED":
        return ""
    evaluator = Evaluator()
    evaluator.replace({**document, "flags": {key: flag}})
    ask = _question(evaluator, flag["variants"][off])
    callers = CALLERS if flag.get("targeting") else 0
    served = {ask(key, None, {"targetingKey": f"caller-{n}"}).variant for n in range(callers)}
    served.add(ask(key, None, {}).variant)
    if served == {off}:
        return "off"
    return "" if None in served else "on"


def _question(evaluator: Evaluator, value: object) -> Callable[..., Details]:
    """Return what a program would ask for a flag whose variants are like `value`."""
    if isinstance(value, bool):
        return evaluator.boolean_details
    if isinstance(value, str):
        return evaluator.string_details
    if isinstance(value, (int, float)):
        return evaluator.number_details
    return evaluator.object_details


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
