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


def judge_flags(flags: Iterable[FlagSaid], known: Mapping[str, str], since: str) -> RuleResult:
    """Say whether every flag that is not among `known`, those of the running release, may be shipped.

    `known` has the default of each by name; one that was off is not turned on by a release, for everybody at
    once. `since` names what they are compared with, in words.
    """
    flags = tuple(flags)
    new = [flag for flag in flags if flag.name not in known]
    turned = tuple(f for f in flags if known.get(f.name) == "off" and f.default != "off")
    if not new and not turned:
        return passed(RULE, f"no flag is new since {since}")
    found = tuple(_objection(flag, lacks) for flag in new if (lacks := _lacks(flag)))
    found += tuple(_objection(flag, (f"off in {since}, and no longer here",)) for flag in turned)
    if not found:
        return passed(
            RULE, f"new since {since}: {', '.join(f.name for f in new)}; off, with owner and purpose"
        )
    told = f"{counted(len(found), 'flag')}: {'; '.join(o.text for o in found[:3])}"
    remedy = 'its [[flag]] in andon.toml: owner = "...", purpose = "...", default = "off"'
    return failed(RULE, told, remedy, found)


def _lacks(flag: FlagSaid) -> tuple[str, ...]:
    lacks = [f"no {part}" for part in ("owner", "purpose") if not getattr(flag, part).strip()]
    if flag.default != "off":
        lacks.append("on by default" if flag.default == "on" else "no default")
    return tuple(lacks)


def _objection(flag: FlagSaid, lacks: tuple[str, ...]) -> Objection:
    text = f"flag {flag.name}: {', '.join(lacks)}"
    return Objection(rule=RULE, path="andon.toml", text=text, snippet=text)
