"""The words of a search for a gap: kinds of difference, how sure an answer is, what a replay showed."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The five ways in which test and production differ."""

    ENVIRONMENT = "environment"
    DATA = "data"
    DEPENDENCY = "dependency"
    SCALE = "scale"
    NETWORK = "network"


class Tier(StrEnum):
    """What an answer rests on, from weak to strong."""

    #: Seen to differ, and it has to do with the failure.
    OBSERVED = "observed"
    #: The tests' world with this one difference fails as production does.
    FLIPPED = "flipped"
    #: Production's world without this one difference does not fail.
    RESTORED = "restored"
    #: The smallest part of the difference that still does it is known.
    NARROWED = "narrowed"

    @property
    def rank(self) -> int:
        """0 for the weakest."""
        return tuple(Tier).index(self)


class Answer(StrEnum):
    """What a search comes to: one of the five kinds, or what is none of them."""

    ENVIRONMENT = "environment"
    DATA = "data"
    DEPENDENCY = "dependency"
    SCALE = "scale"
    NETWORK = "network"
    #: Two kinds together: neither fails alone.
    INTERACTION = "interaction"
    #: No test goes where production failed.
    UNTESTED = "untested"
    #: The tests go there, and an answer that they made up stands in for the real one.
    MOCKED = "mocked"
    #: The tests' own world fails with what customers sent: nobody tried that input.
    INPUT = "input"
    #: The tests' own world fails now and then.
    FLAKY = "flaky"
    #: Production runs another build than the one that was tested.
    OTHER_BUILD = "other-build"
    #: Not known; the verdict says what would find out.
    UNKNOWN = "unknown"


class Showed(StrEnum):
    """What a replay in one world showed."""

    #: The failure that production has.
    REPRODUCED = "reproduced"
    #: It failed in another way.
    OTHER = "other failure"
    PASSED = "passed"
    #: The world was not what it was meant to be: nothing is known.
    NOT_APPLIED = "not applied"
    #: It could not be tried at all.
    NOT_RUN = "not run"


class Reach(StrEnum):
    """How far the tests that passed went towards the place where production failed."""

    REACHED = "reached"
    #: They went there, and an answer that they made up stood in for the real one.
    MOCKED = "mocked"
    NEVER = "never"
    #: The artefacts do not tell: none, or of a sort that holds no requests.
    UNKNOWN = "unknown"
