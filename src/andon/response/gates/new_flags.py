"""Whether the flags that come with a release are off until somebody turns them on, and answered for."""

from __future__ import annotations

from andon.incident.words import counted
from andon.record import Record
from andon.response.gates.results import Objection, failed, passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from andon.response.gates.results import RuleResult

RULE = "flags-off"


class FlagSaid(Record):
    """What a release says of one of its flags."""

    name: str
    owner: str = ""
    purpose: str = ""
    #: `on`, `off`, or "" when it does not say.
    default: str = ""
    #: False for one that is meant to stay, as a kill switch of operations: it may be on from the beginning.
    is_passing: bool = True
    #: The file that says it.
    path: str = "andon.toml"


def judge_flags(flags: Iterable[FlagSaid], known: Mapping[str, str], since: str) -> RuleResult:
    """Say whether every flag that is not among `known`, those of the running release, may be shipped.

    `known` has the default of each by name; one that was off is not turned on by a release, for everybody at
    once. `since` names what they are compared with, in words.
    """
    flags = tuple(flags)
    new = [flag for flag in flags if flag.name not in known]
    turned = tuple(f for f in flags if known.get(f.name) == "off" and f.default != "off" and f.is_passing)
    if not new and not turned:
        return passed(RULE, f"no flag is new since {since}")
    found = tuple(_objection(flag, lacks) for flag in new if (lacks := _lacks(flag)))
    found += tuple(_objection(flag, (f"off in {since}, and no longer here",)) for flag in turned)
    if not found:
        names = ", ".join(flag.name for flag in new)
        return passed(RULE, f"new since {since}: {names}; {_state(new)}, with owner and purpose")
    told = f"{counted(len(found), 'flag')}: {'; '.join(o.text for o in found[:3])}"
    return failed(RULE, told, _remedy(found[0].path), found)


def _state(new: Iterable[FlagSaid]) -> str:
    return "off" if all(flag.default == "off" for flag in new) else "off, or meant to stay"


def _remedy(path: str) -> str:
    if path == "andon.toml":
        return 'its [[flag]] in andon.toml: owner = "...", purpose = "...", default = "off"'
    return f"{path}: owner and purpose in its metadata, and a defaultVariant that is off"


def _lacks(flag: FlagSaid) -> tuple[str, ...]:
    lacks = [f"no {part}" for part in ("owner", "purpose") if not getattr(flag, part).strip()]
    if flag.default != "off" and flag.is_passing:
        lacks.append("on by default" if flag.default == "on" else "no default")
    return tuple(lacks)


def _objection(flag: FlagSaid, lacks: tuple[str, ...]) -> Objection:
    text = f"flag {flag.name}: {', '.join(lacks)}"
    return Objection(rule=RULE, path=flag.path, text=text, snippet=text)
