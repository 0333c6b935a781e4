"""The search finds the part that is to blame in worlds whose truth is known, and abstains where it cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.gaps.coverage import Coverage
from andon.gaps.experiment import Part
from andon.gaps.failure import Failure
from andon.gaps.words import Answer, Kind, Reach, Showed, Tier
from tests.unit.gaps.model_laboratory import ModelLaboratory, find, look, part

E, D, X, S, N = Kind.ENVIRONMENT, Kind.DATA, Kind.DEPENDENCY, Kind.SCALE, Kind.NETWORK
TZ, DEBUG = part(E, "STORE_TZ"), part(E, "DEBUG")
ORDERS, USERS_TABLE = part(D, "orders"), part(D, "users")
PAYMENTS = part(X, "payments")
USERS = part(S, "users", amount=64, least=1)
BROWSER = part(N, "browser", amount=563)
EVERYTHING = (TZ, DEBUG, ORDERS, USERS_TABLE, PAYMENTS, USERS, BROWSER)


def needs(*wanted: Part) -> Callable[[frozenset[Part]], bool]:
    return lambda world: world.issuperset(wanted)


def at_least(part: Part, amount: float) -> Callable[[frozenset[Part]], bool]:
    return lambda world: any(p.place == part.place and (p.amount or 0) >= amount for p in world)


class TestOneKind:
    def test_a_setting_is_found_restored_and_narrowed(self) -> None:
        found = find(ModelLaboratory(EVERYTHING, needs(TZ)))
        verdict = found.verdict
        assert (verdict.answer, verdict.place, verdict.tier) == (
            Answer.ENVIRONMENT,
            ("STORE_TZ",),
            Tier.NARROWED,
        )
        assert [purpose for purpose, _ in found.replays][:3] == ["control", "production", "flip"]
        assert "restore" in dict(found.replays)
        assert not verdict.not_tried

    def test_a_row_and_then_its_column(self) -> None:
        rows = tuple(part(D, "orders", str(n)) for n in range(1, 1501))
        email, name = part(D, "orders", "812", "email"), part(D, "orders", "812", "name")
        finer = {ORDERS: rows, rows[811]: (name, email)}

        def fails(world: frozenset[Part]) -> bool:
            return ORDERS in world or rows[811] in world or email in world

        laboratory = ModelLaboratory(EVERYTHING, fails, finer)
        verdict = find(laboratory).verdict
        assert (verdict.answer, verdict.place) == (Answer.DATA, ("orders", "812", "email"))
        assert len(laboratory.tries) < 60

    @pytest.mark.parametrize("cause", [1, 2, 5, 17, 33, 64])
    def test_the_least_number_of_users_that_fails(self, cause: int) -> None:
        verdict = find(ModelLaboratory(EVERYTHING, at_least(USERS, cause))).verdict
        assert (verdict.answer, verdict.threshold, verdict.unit) == (Answer.SCALE, max(cause, 2), "users")
        assert verdict.below == max(cause, 2) - 1

    def test_a_row_is_tried_first_and_then_the_column_that_was_observed(self) -> None:
        rows = tuple(part(D, "orders", str(n)) for n in range(1, 101))
        columns = tuple(part(D, "orders", "1", name) for name in ("name", "note", "email"))
        laboratory = ModelLaboratory(
            EVERYTHING,
            lambda w: bool({ORDERS, rows[0], columns[2]} & w),
            {ORDERS: rows, rows[0]: columns},
        )
        seen = look(D, (("orders", "email"), 4), (("orders", "email"), 1), (("orders", "name"), 2))
        verdict = find(laboratory, seen).verdict
        assert verdict.place == ("orders", "1", "email")
        assert len(laboratory.tries) <= 7

    def test_of_many_rows_the_newest_is_tried_by_itself(self) -> None:
        rows = tuple(part(D, "orders", str(n)) for n in range(1, 201))
        laboratory = ModelLaboratory(EVERYTHING, lambda w: bool({ORDERS, rows[-1]} & w), {ORDERS: rows})
        verdict = find(laboratory).verdict
        assert verdict.place == ("orders", "200")
        assert len(laboratory.tries) <= 11

    def test_a_latency_is_known_to_a_fifth(self) -> None:
        verdict = find(ModelLaboratory(EVERYTHING, at_least(BROWSER, 400))).verdict
        assert verdict.answer is Answer.NETWORK
        assert verdict.threshold is not None and 400 <= verdict.threshold <= 480

    def test_one_delayed_endpoint_is_tried_alone_and_restored(self) -> None:
        delays = tuple(part(N, "delay", f"GET /{name}", amount=1500) for name in ("a", "b", "c"))
        laboratory = ModelLaboratory(
            (*EVERYTHING, *delays), lambda w: delays[1] in w and not {delays[0], delays[2]} & w
        )
        verdict = find(laboratory).verdict
        assert verdict.place[:2] == ("delay", "GET /b")
        assert any("fails with delay GET /b" in reason for reason in verdict.reasons)
        assert verdict.is_restored and verdict.how_sure == "narrowed"
        assert not any(len({p for p in world if p.place[0] == "delay"}) > 1 for world in laboratory.tries)

    def test_what_is_not_on_the_way_does_not_keep_another_from_being_restored(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, needs(TZ), off_the_way=frozenset((X,)))
        found = find(laboratory)
        assert found.verdict.place == ("STORE_TZ",)
        assert any("does not fail with the tests' environment" in told for told in found.verdict.reasons)
        assert found.verdict.tier is Tier.NARROWED

    def test_what_never_takes_hold_by_itself_does_not_keep_another_from_being_restored(self) -> None:
        """In production's world another test asked the service; in the rest only the failing one is run."""
        laboratory = ModelLaboratory(EVERYTHING, needs(TZ), off_the_way=frozenset((X,)))
        laboratory.asked_in = frozenset(EVERYTHING)
        found = find(laboratory)
        assert found.verdict.place == ("STORE_TZ",)
        assert any("does not fail with the tests' environment" in told for told in found.verdict.reasons)

    def test_what_took_hold_in_a_restore_that_did_not_fail_is_not_flipped_by_itself(self) -> None:
        """Had it been enough by itself, that world would have failed; what did not take hold is tried."""
        laboratory = ModelLaboratory(EVERYTHING, needs(TZ), off_the_way=frozenset((X,)))
        laboratory.asked_in = frozenset(EVERYTHING)
        found = find(laboratory)
        flipped = [replay.parts for purpose, replay in found.replays if purpose == "flip"]
        assert flipped == [(TZ, DEBUG), (PAYMENTS,)]
        assert found.verdict.is_restored

    def test_what_did_not_take_hold_in_a_restore_is_still_found_to_be_enough(self) -> None:
        laboratory = ModelLaboratory(
            EVERYTHING, lambda w: TZ in w or w == {PAYMENTS}, off_the_way=frozenset((X,))
        )
        laboratory.asked_in = frozenset(EVERYTHING)
        found = find(laboratory)
        assert any("environment and dependency is enough" in told for told in found.verdict.reasons)

    def test_a_restore_that_fails_otherwise_clears_no_kind(self) -> None:
        """Where one flip is loose and something else fails, that may hide what another kind would show."""
        laboratory = ModelLaboratory(EVERYTHING, needs(TZ), off_the_way=frozenset((X,)))
        laboratory.asked_in = frozenset(EVERYTHING)
        laboratory.breaks = lambda world: TZ not in world and len(world) > 2
        found = find(laboratory)
        assert [purpose for purpose, _ in found.replays].count("flip") == len(Kind)

    def test_a_restore_that_proves_is_kept_as_one_that_passed(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, needs(TZ), off_the_way=frozenset((X,)))
        found = find(laboratory)
        restored = dict(found.replays)["restore"]
        assert found.verdict.is_restored and restored.showed is Showed.PASSED
        assert restored.told.startswith("what never takes hold is not on the failing way: ")

    def test_a_narrow_place_that_was_not_restored_says_so(self) -> None:
        """Production's world as it is described does not fail: nothing can be taken out of it again."""
        verdict = find(ModelLaboratory(EVERYTHING, lambda w: TZ in w and not {USERS, PAYMENTS} & w)).verdict
        assert (verdict.tier, verdict.is_restored) == (Tier.NARROWED, False)
        assert verdict.how_sure == "narrowed, not restored"

    def test_once_a_kind_is_restored_no_other_one_is_flipped(self) -> None:
        found = find(ModelLaboratory(EVERYTHING, needs(TZ)))
        assert [purpose for purpose, _ in found.replays].count("flip") == 1

    def test_what_keeps_another_from_being_seen_is_left_out(self) -> None:
        """A setting with which the application does not start hides the one that is to blame."""
        laboratory = ModelLaboratory(
            EVERYTHING, needs(TZ), odd=lambda w: Showed.NOT_RUN if DEBUG in w else None
        )
        verdict = find(laboratory, look(E, (("STORE_TZ",), 4))).verdict
        assert (verdict.answer, verdict.place) == (Answer.ENVIRONMENT, ("STORE_TZ",))
        assert any("environment alone" in told for told in verdict.not_tried)

    def test_a_failure_that_shows_sometimes_is_tried_more_often(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, needs(USERS), reproduces=lambda times: max(times // 3, 1))
        found = find(laboratory)
        assert found.verdict.answer is Answer.SCALE
        assert max(replay.runs for purpose, replay in found.replays if purpose != "control") >= 9


class TestMoreKinds:
    def test_two_that_fail_only_together(self) -> None:
        verdict = find(ModelLaboratory(EVERYTHING, needs(TZ, ORDERS))).verdict
        assert verdict.answer is Answer.INTERACTION
        assert set(verdict.kinds) == {E, D}
        assert {verdict.place, *verdict.other_places} == {("STORE_TZ",), ("orders",)}
        assert verdict.tier is Tier.NARROWED

    def test_pairs_are_tried_where_production_cannot_be_built(self) -> None:
        laboratory = ModelLaboratory(
            EVERYTHING, needs(TZ, ORDERS), odd=lambda w: Showed.NOT_RUN if len(w) == len(EVERYTHING) else None
        )
        verdict = find(laboratory).verdict
        assert (verdict.answer, set(verdict.kinds)) == (Answer.INTERACTION, {E, D})
        assert any("production's world as a whole" in told for told in verdict.not_tried)

    def test_no_pairs_are_tried_where_all_of_production_does_not_fail(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, lambda _: False, off_the_way=frozenset((X,)))
        found = find(laboratory)
        assert found.verdict.answer is Answer.UNKNOWN
        assert "pair" not in {purpose for purpose, _ in found.replays}
        assert len(laboratory.tries) == 2 + len(Kind)

    def test_each_of_two_is_enough(self) -> None:
        verdict = find(ModelLaboratory(EVERYTHING, lambda w: TZ in w or PAYMENTS in w)).verdict
        assert verdict.answer in (Answer.ENVIRONMENT, Answer.DEPENDENCY)
        assert any("is enough by itself" in reason for reason in verdict.reasons)
        assert any("was not seen to pass" in reason for reason in verdict.reasons)

    def test_volume_is_told_from_values(self) -> None:
        """Rows fail by their number: as many of the tests' own do, too, and few of production's pass."""
        rows = part(S, "rows", "orders", amount=60_000, least=10)

        def fails(world: frozenset[Part]) -> bool:
            return rows in world or any(p.place == rows.place and (p.amount or 0) > 4000 for p in world)

        verdict = find(ModelLaboratory((TZ, ORDERS, rows), fails)).verdict
        assert (verdict.answer, verdict.place) == (Answer.SCALE, ("rows", "orders"))
        assert verdict.threshold is not None and 4000 < verdict.threshold <= 4800


class TestNoGap:
    def test_the_tests_world_fails_with_the_request(self) -> None:
        found = find(ModelLaboratory(EVERYTHING, lambda _: True))
        assert found.verdict.answer is Answer.INPUT
        assert "/orders/12" in found.verdict.summary
        assert len(found.replays) == 1

    def test_where_no_test_goes_it_is_no_matter_of_the_input(self) -> None:
        never = Coverage(reach=Reach.NEVER, told="no test asks GET /orders/{}")
        verdict = find(ModelLaboratory(EVERYTHING, lambda _: True), coverage=never).verdict
        assert verdict.answer is Answer.UNTESTED
        assert any("in the tests' own world" in reason for reason in verdict.reasons)

    def test_it_fails_now_and_then(self) -> None:
        found = find(ModelLaboratory(EVERYTHING, lambda _: True, reproduces=lambda times: times // 7))
        assert found.verdict.answer is Answer.FLAKY

    def test_no_test_goes_there(self) -> None:
        never = Coverage(reach=Reach.NEVER, told="no test asks GET /orders/{}")
        verdict = find(ModelLaboratory(EVERYTHING, lambda _: False), coverage=never).verdict
        assert verdict.answer is Answer.UNTESTED
        verdict = find(ModelLaboratory(EVERYTHING, needs(TZ)), coverage=never).verdict
        assert (verdict.answer, verdict.place) == (Answer.UNTESTED, ("STORE_TZ",))

    def test_nothing_fails_and_another_build_runs(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, lambda _: False)
        assert find(laboratory, other_build="v2, not v1").verdict.answer is Answer.OTHER_BUILD
        assert find(laboratory).verdict.answer is Answer.UNKNOWN

    def test_no_pair_is_tried_where_the_whole_of_production_passes(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, lambda _: False)
        found = find(laboratory)
        assert "pair" not in dict(found.replays)
        assert any("does not fail" in reason for reason in found.verdict.reasons)

    def test_what_an_experiment_cleared_is_no_answer(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, lambda _: False, blocked={S: "no load is allowed"})
        verdict = find(laboratory, look(E, (("STORE_TZ",), 5))).verdict
        assert verdict.answer is Answer.UNKNOWN
        assert "scale: no load is allowed" in verdict.not_tried

    def test_a_failure_that_nobody_described(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, lambda _: True)
        verdict = find(laboratory, failure=Failure(path="/orders")).verdict
        assert verdict.answer is Answer.UNKNOWN and not laboratory.tries


class TestObservation:
    def test_one_that_stands_out(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, needs(TZ))
        verdict = find(
            laboratory, look(E, (("STORE_TZ",), 5)), look(D, (("orders",), 3)), experiments=False
        ).verdict
        assert (verdict.answer, verdict.tier, laboratory.tries) == (Answer.ENVIRONMENT, Tier.OBSERVED, [])

    @pytest.mark.parametrize(
        "weights", [(3, 2), (4, 4), (0, 0)], ids=["too weak", "two alike", "nothing to do with it"]
    )
    def test_it_abstains(self, weights: tuple[int, int]) -> None:
        seen = (look(E, (("STORE_TZ",), weights[0])), look(D, (("orders",), weights[1])))
        verdict = find(ModelLaboratory(EVERYTHING, needs(TZ)), *seen, experiments=False).verdict
        assert verdict.answer is Answer.UNKNOWN and verdict.next_command

    def test_the_tests_world_does_not_start(self) -> None:
        laboratory = ModelLaboratory(EVERYTHING, needs(TZ), odd=lambda _: Showed.NOT_RUN)
        verdict = find(laboratory, look(E, (("STORE_TZ",), 5))).verdict
        assert (verdict.answer, verdict.tier) == (Answer.ENVIRONMENT, Tier.OBSERVED)
        assert any("could not be tried" in told for told in verdict.not_tried)


class TestTime:
    @pytest.mark.parametrize("deadline", range(2, 60, 3))
    def test_it_ends_wherever_the_time_is_over(self, deadline: int) -> None:
        laboratory = ModelLaboratory(EVERYTHING, needs(TZ, ORDERS))
        found = find(laboratory, deadline=deadline)
        assert len(laboratory.tries) <= deadline
        if found.verdict.tier is not Tier.NARROWED:
            assert any("time" in told or "narrowing" in told for told in found.verdict.not_tried)

    @pytest.mark.parametrize("deadline", range(2, 14))
    def test_what_failed_alone_before_the_time_was_over_is_the_answer(self, deadline: int) -> None:
        """Each of two kinds is enough, so no restore proves; the other kinds may not be flipped any more."""
        laboratory = ModelLaboratory(EVERYTHING, lambda w: TZ in w or ORDERS in w)
        found = find(laboratory, look(E, (("STORE_TZ",), 5)), deadline=deadline)
        flipped = {
            one.parts[0].kind for purpose, one in found.replays if purpose == "flip" and one.reproduced
        }
        assert (found.verdict.answer is Answer.ENVIRONMENT) or not flipped
        assert not flipped or found.verdict.tier in (Tier.FLIPPED, Tier.NARROWED)
        assert not found.verdict.is_restored
        assert not flipped or found.verdict.place == ("STORE_TZ",), "the place that was seen to differ"


@st.composite
def worlds(draw: st.DrawFn) -> tuple[tuple[Part, ...], frozenset[Part]]:
    """Up to eight parts of each kind, and one or two that are to blame."""
    parts = [
        part(kind, f"{kind.value}{n}")
        for kind in (E, D, X)
        for n in range(draw(st.integers(min_value=1, max_value=8)))
    ]
    blame = draw(st.sets(st.sampled_from(parts), min_size=1, max_size=2))
    return tuple(parts), frozenset(blame)


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_whatever_is_to_blame_is_named_exactly(world: tuple[tuple[Part, ...], frozenset[Part]]) -> None:
    parts, blame = world
    verdict = find(ModelLaboratory(parts, lambda w: blame <= w)).verdict
    assert {verdict.place, *verdict.other_places} == {p.place for p in blame}
    assert set(verdict.kinds) == {p.kind for p in blame}
    assert verdict.tier is Tier.NARROWED
