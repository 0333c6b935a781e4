"""What a scenario is made of: steps, decisions with their options, and the production they happen in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from andon.drill.releases import Release
from andon.drill.session import Session
from andon.drill.world import World

Argv: TypeAlias = tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Stage:
    """What the steps of a running drill can see and touch."""

    world: World
    session: Session
    #: When the harm began and when the customers' record showed it; seconds since the epoch.
    broke_at: float = 0.0
    noticed_at: float = 0.0
    #: When all of it was done that breaks production: what customers lose from then on is not for a restart.
    broken_at: float = 0.0
    #: The incident's id once it is declared.
    incident: str = ""
    #: Up to which moment the customers' record was shown.
    looked_at: float = 0.0


def _always(_stage: Stage) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing a responder does: a thought, then a command line of Andon or a deed outside it."""

    say: str = ""
    #: Begins a chapter of the story.
    chapter: str = ""
    #: Arguments for `andon`; or a function that returns several such lines when their time has come.
    command: Argv | Callable[[Stage], Sequence[Argv]] = ()
    #: Repository in which the command runs, below the drill's directory; "" for the shop's.
    place: str = ""
    #: Something done outside Andon; returns what a person would have seen.
    act: Callable[[Stage], str] | None = None
    #: The step is left out when this is false at its time.
    when: Callable[[Stage], bool] = _always
    #: The exit code the command must end with.
    expect: int = 0
    #: Checks of the protocol that must stand as passed or signed afterwards.
    proves: tuple[str, ...] = ()
    #: Words that must occur in what the command printed.
    shows: tuple[str, ...] = ()
    #: Show only what was done: no headline, no next step.
    brief: bool = False
    #: Show at most so many lines of the output; 0 for all.
    lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer to a decision, what then really happens, and what the protocol says about it."""

    label: str
    points: int
    because: str
    steps: tuple[Step, ...] = ()
    #: The question is asked again afterwards, without this option.
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A point where somebody has to choose. Alone, the drill takes the best option."""

    name: str
    question: str
    options: tuple[Option, ...]

    @property
    def best(self) -> Option:
        """The option the protocol asks for."""
        return max(self.options, key=lambda option: option.points)


Part: TypeAlias = Step | Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way for a production to break, and the way through."""

    name: str
    summary: str
    #: What the story says before anything breaks.
    opening: str
    #: Days since the newest release went live.
    quiet_days: float
    #: Orders in the book at the start.
    past_orders: int
    #: Breaks the production and returns what a bystander would have seen.
    break_it: Callable[[Stage], str]
    script: tuple[Part, ...]
    #: What the drill has taught, told at the end.
    lesson: str
    #: Releases that went out after the shop's common past and before the story.
    history: tuple[Release, ...] = ()
    #: Starts or writes down what the production has beside the shop.
    prepare: Callable[[World], None] | None = None
    #: The shop has switches, and a server that streams them.
    has_flags: bool = False
    #: Says what this machine lacks for the scenario, with the way out; "" when nothing is missing.
    lacks: Callable[[], str] | None = None
    #: Pages on which customers must be failing before the cord is pulled; "" when no customer notices.
    symptom: str = "/checkout"
    #: Looks at the end for what else must be true; returns what is proven, and raises RuntimeError.
    proof: Callable[[Stage], str] | None = None


@dataclass(slots=True, kw_only=True)
class Answer:
    """A decision that was taken."""

    decision: str
    chosen: str
    points: int
    possible: int
    because: str


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How a drill went: what failed, and which decisions a person took."""

    failures: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
