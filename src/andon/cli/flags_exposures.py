"""andon flags exposures: how often each variant was served, and whether the shares are as they were meant."""

from __future__ import annotations

from argparse import ArgumentTypeError

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.flags.exposures import exposures
from andon.desk.redacting import shown
from andon.response.sample_ratio import UNLIKELY

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.flags.exposures import Exposure, Exposures
    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", help="the flag")
    parser.add_argument(
        "--expect",
        nargs="+",
        type=_weight,
        default=[],
        metavar="VARIANT=WEIGHT",
        help="the shares that were meant, such as a=50 b=50 (default: those of the definition)",
    )


def _weight(text: str) -> tuple[str, float]:
    name, _, weight = text.rpartition("=")
    try:
        value = float(weight.removesuffix("%"))
    except ValueError as problem:
        raise ArgumentTypeError(f"{text!r} is no weight: give VARIANT=WEIGHT") from problem
    if not name or not 0 <= value <= 1e9:
        raise ArgumentTypeError(f"{text!r} is no weight: give VARIANT=WEIGHT")
    return name, value


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print the counts; 1 when the shares are not as they were meant, 3 when that cannot be said."""
    found = shown(desk, exposures(desk, arguments.key, dict(arguments.expect)))
    if wants_json(arguments):
        print_json({**whole(found), "is_off": found.ratio.is_off, "unit": "evaluations"})
        return _code(found)
    since = f" since {found.since:%Y-%m-%d %H:%M} UTC" if found.since else ""
    print(style(f"{one_line(found.flag)}: {found.total} evaluations{since}", "bold"))
    rows([_row(one) for one in found.variants])
    if found.defaults:
        print(
            f"  {found.defaults} more got the caller's own default: andon flags list {one_line(found.flag)}"
        )
    print(f"  expected: {one_line(found.source)}")
    print("  counted are evaluations, not people: whoever comes back counts each time")
    if found.ratio.is_off:
        print(style(f"  {_off(found)}", "red"))
        next_line("find out why before anything is concluded from it", "")
    elif found.ratio.chance is None:
        next_line(found.ratio.reason, "")
    else:
        next_line(f"the shares are as meant (chance {found.ratio.chance:.2g})", "")
    return _code(found)


def _code(found: Exposures) -> int:
    if found.ratio.is_off:
        return 1
    return 3 if found.ratio.chance is None else 0


def _off(found: Exposures) -> str:
    if found.ratio.reason:
        return f"the shares are not as meant: {one_line(found.ratio.reason)}"
    chance = f"below {UNLIKELY:g}" if found.ratio.chance == 0 else f"{found.ratio.chance:.1g}"
    return (
        f"the shares are not as meant: by accident with a chance of {chance}, were each evaluation a person"
    )


def _row(one: Exposure) -> tuple[str, str, str, str]:
    share = "" if one.share is None else f"{one.share:.1%}"
    meant = "" if one.expected is None else f"meant {one.expected:.1%}"
    return one.variant, f"{one.count}", share, meant
