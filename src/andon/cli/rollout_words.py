"""The words that a rollout of a flag and one of a release have in common: stages, times, what to do."""

from __future__ import annotations

from argparse import ArgumentTypeError

from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


def percent(text: str) -> float:
    """Return a stage, from `5%` or `5`; what is no number between 0 and 100 is a mistake."""
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError as problem:
        raise ArgumentTypeError(f"{text!r} is no stage: give percent, as 5%") from problem
    if not 0 < value <= 100:  # false for what is not a number, too
        raise ArgumentTypeError(f"{text!r} is no stage: more than 0 %, at most 100 %")
    return value


def span(text: str) -> float:
    """Return seconds, from `90s`, `10m`, `2h`, `1d` or a plain number of seconds, at most 30 days."""
    digits = text.strip().rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text.strip()[len(digits) :] or "s"
    try:
        value = float(digits) * _UNITS[unit]
    except (ValueError, KeyError) as problem:
        raise ArgumentTypeError(f"{text!r} is no time: 90s, 10m, 2h or 1d") from problem
    if not 0 <= value <= 30 * 86_400:
        raise ArgumentTypeError(f"{text!r} is no time: at most 30d")
    return value


def declare_words(parser: argparse.ArgumentParser) -> None:
    """Declare the stages and everything that can be done to a rollout."""
    parser.add_argument(
        "stages", nargs="*", type=percent, metavar="PERCENT", help="rising, such as 5%% 25%% 100%%"
    )
    parser.add_argument(
        "--every", type=span, metavar="TIME", help="how long each stage stays: 90s, 10m, 2h (default: 10m)"
    )
    parser.add_argument(
        "--watch",
        nargs="?",
        type=span,
        const=None,
        default=None,
        metavar="TIME",
        help="watch each stage for this long (default: as long as it stays); give it as --watch=90s",
    )
    parser.add_argument("--no-watch", action="store_true", help="watch nothing; asks for a reason")
    parser.add_argument(
        "--patience",
        type=span,
        default=600.0,
        metavar="TIME",
        help="how much longer a stage waits until enough is known of it (default: 10m); then it is held",
    )
    parser.add_argument("--reason", "-r", default="", help="why")
    parser.add_argument("--ask", action="store_true", help="record the plan; somebody else approves it")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
    parser.add_argument("--detach", action="store_true", help="do not follow it")
    verbs = parser.add_mutually_exclusive_group()
    verbs.add_argument("--follow", action="store_true", help="follow one that is under way")
    verbs.add_argument("--stop", action="store_true", help="end it; it stays where it is")
    verbs.add_argument("--back", action="store_true", help="take it away: what was before, exactly")
    verbs.add_argument(
        "--resume", action="store_true", help="let one go on that is held, or approve a plan: --reason"
    )


def refuse_mixed(arguments: argparse.Namespace) -> None:
    """Raise InvalidInput for stages together with what is done to a rollout that is there."""
    given = [word for word in ("follow", "stop", "back", "resume") if getattr(arguments, word)]
    if given and arguments.stages:
        raise InvalidInput(
            f"stages begin a rollout, --{given[0]} is for one that there is",
            rule="rollout",
            remedy="one of them",
        )
