"""Whoever kills, undoes and enables in whatever order, and dies at any moment: each act happens once."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from andon.desk.flags.acts import read_acts
from andon.desk.flags.enable import EnableWishes, enable
from andon.desk.flags.kill import kill_flag
from andon.desk.flags.undo import undo
from andon.errors import AndonError, Unavailable
from andon.flags.overrides import KILL, ROLLOUT
from andon.incident.events import FlagActEnded, FlagActPlanned
from andon.incident.flag_state import kills_in_force
from andon.incident.words import Outcome
from tests.fakes.desk import FakeDesk
from tests.unit.desk.flags.flag_shop import KEY, QUARTER, Died, flagged, now, system_of, told
from tests.unit.desk.shop import declared

PEOPLE = st.sampled_from(("ann", "bob", "eve"))
#: After how many steps whoever acts dies, -1 for never; and whether that last step still took effect.
DEATHS = st.one_of(st.just((-1, False)), st.tuples(st.integers(0, 6), st.booleans()))
LEFT_OUT = EnableWishes(without=("fix", "tests", "rollout"), reason="as the test wants it")


class AnyOrder(RuleBasedStateMachine):
    """People who kill a flag and give it back, and the model: is it killed or not."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.desk = flagged(Path(self.place.name))
        self.system = system_of(self.desk)
        self.state = declared(self.desk)

    def teardown(self) -> None:
        try:
            self.finish("ann")
            self.settled()
        finally:
            self.place.cleanup()

    def attempt(self, death: tuple[int, bool], act: object) -> None:
        countdown = self.system.countdown
        countdown.left, countdown.after = death
        try:
            act()  # type: ignore[operator]
        except (Died, AndonError):
            pass
        finally:
            countdown.left = -1

    @rule(who=PEOPLE, death=DEATHS, inside=st.booleans())
    def kill(self, who: str, death: tuple[int, bool], inside: bool) -> None:
        incident = self.state.id if inside else ""
        self.attempt(death, lambda: kill_flag(self.desk.another(who), KEY, incident=incident))

    @rule(who=PEOPLE, death=DEATHS)
    def undo(self, who: str, death: tuple[int, bool]) -> None:
        kills = kills_in_force(read_acts(self.desk).all, KEY)
        if kills:
            self.attempt(death, lambda: undo(self.desk.another(who), kills[-1].id, reason="calm"))

    @rule(who=PEOPLE, death=DEATHS)
    def enable(self, who: str, death: tuple[int, bool]) -> None:
        self.attempt(death, lambda: enable(self.desk.another(who), KEY, LEFT_OUT))

    @rule()
    def refuse_once(self) -> None:
        self.system.breaks = Unavailable("503")

    @rule(is_reachable=st.booleans())
    def reach(self, is_reachable: bool) -> None:
        self.system.is_reachable = is_reachable

    @rule(who=PEOPLE)
    def finish(self, who: str) -> None:
        """Somebody gives the command of what is under way again, and nothing is in the way."""
        self.system.is_reachable, self.system.breaks = True, None
        desk = self.desk.another(who)
        # One after the other, the newest first: an enabling that got no answer may stand below an undo.
        for _ in range(len(read_acts(desk).all)):
            act = read_acts(desk).under_way(KEY)
            if act is not None:
                self.again(desk, act.planned)
        self.settled()

    def again(self, desk: FakeDesk, planned: FlagActPlanned) -> None:
        match planned.purpose:
            case "kill":
                kill_flag(desk, KEY, incident=planned.incident)
            case "undo":
                undo(desk, planned.undoes, reason="calm")
            case _:
                enable(desk, KEY, LEFT_OUT)

    def settled(self) -> None:
        """Nothing is under way: the flag system has what is on record."""
        known = read_acts(self.desk)
        assert known.under_way(KEY) is None
        kills = kills_in_force(known.all, KEY)
        there = self.system.overrides.get((KEY, KILL))
        assert (there.operation if there else None) == (kills[-1].id if kills else None)
        assert len(kills) <= 1

    @invariant()
    def each_act_once(self) -> None:
        assert all(count == 1 for count in Counter(self.system.acts).values())
        verbs = "".join(verb[0] for verb, _, _ in self.system.acts)
        assert "tt" not in verbs

    @invariant()
    def what_is_below_is_never_touched(self) -> None:
        assert self.system.overrides[KEY, ROLLOUT] == QUARTER

    @invariant()
    def each_act_succeeds_once(self) -> None:
        for stream in ("", self.state.id):
            ends = [e for e in told(self.desk, stream) if isinstance(e, FlagActEnded)]
            done = Counter(e.operation for e in ends if e.outcome is Outcome.SUCCEEDED)
            assert all(count == 1 for count in done.values())

    @invariant()
    def no_more_work_is_owed_than_kills(self) -> None:
        owed = [a for a in now(self.desk, self.state).actions if a.origin.startswith("kill:")]
        assert len({a.origin for a in owed}) == len(owed)


AnyOrder.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # a story of twelve steps is read faster than it is shrunk
)
TestAnyOrder = AnyOrder.TestCase


def test_a_kill_whose_planner_died_ends_what_was_under_way() -> None:
    """The next one who gives the command finishes the kill, and with it the enabling that it overtook."""
    one = AnyOrder()
    one.kill(who="ann", death=(-1, False), inside=True)
    one.enable(who="eve", death=(1, True))
    one.kill(who="eve", death=(0, True), inside=True)
    one.teardown()
