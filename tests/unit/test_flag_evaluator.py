"""Asking an evaluator: types, reasons, what is wrong, what is counted, and how a set is changed under it."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from andon.errors import InvalidInput
from andon.flags.evaluator import Evaluator

LONDON = {"targetingKey": "ann", "city": "London"}


def flag(targeting: Any = None, default: str | None = "off", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"state": "ENABLED", "variants": {"on": True, "off": False}, **more}
    if default is not None:
        made["defaultVariant"] = default
    if targeting is not None:
        made["targeting"] = targeting
    return made


def evaluator_of(evaluators: Any = None, metadata: Any = None, **flags: Any) -> Evaluator:
    made = Evaluator(clock=lambda: 1_800_000_000.0)
    document = {"flags": {key.replace("_", "-"): value for key, value in flags.items()}}
    if evaluators is not None:
        document["$evaluators"] = evaluators
    if metadata is not None:
        document["metadata"] = metadata
    made.replace(document, 7)
    return made


IN_LONDON = {"if": [{"==": [{"var": "city"}, "London"]}, "on", None]}


class TestReasons:
    def test_without_targeting_nothing_is_judged(self) -> None:
        details = evaluator_of(f=flag(default="on")).boolean_details("f", False)
        assert (details.value, details.variant, details.reason) == (True, "on", "STATIC")
        assert details.error_code is None
        assert details.flag_key == "f"

    def test_empty_targeting_is_none(self) -> None:
        assert evaluator_of(f=flag({})).boolean_details("f", True).reason == "STATIC"

    def test_a_rule_chose(self) -> None:
        details = evaluator_of(f=flag(IN_LONDON)).boolean_details("f", False, LONDON)
        assert (details.value, details.variant, details.reason) == (True, "on", "TARGETING_MATCH")

    def test_a_rule_left_it_to_the_default(self) -> None:
        details = evaluator_of(f=flag(IN_LONDON)).boolean_details("f", True, {"city": "Rome"})
        assert (details.value, details.variant, details.reason) == (False, "off", "DEFAULT")

    def test_without_a_default_variant_the_caller_decides(self) -> None:
        evaluator = evaluator_of(f=flag(IN_LONDON, default=None), g=flag(default=None))
        for key in ("f", "g"):
            details = evaluator.boolean_details(key, True, {"city": "Rome"})
            assert (details.value, details.variant, details.reason) == (True, None, "DEFAULT")
            assert evaluator.boolean(key, True) is True
            assert evaluator.boolean(key, False) is False

    def test_disabled_is_the_callers_default_of_any_type(self) -> None:
        evaluator = evaluator_of(f=flag(IN_LONDON, state="DISABLED", default="on"))
        details = evaluator.boolean_details("f", True, LONDON)
        assert (details.value, details.variant, details.reason) == (True, None, "DISABLED")
        assert evaluator.string("f", "mine") == "mine"
        assert evaluator.string_details("f", "mine").error_code is None

    def test_a_share_of_everybody_is_a_match_as_flagd_says(self) -> None:
        evaluator = evaluator_of(f=flag({"fractional": [["on", 1], ["off", 1]]}))
        assert evaluator.boolean_details("f", False, LONDON).reason == "TARGETING_MATCH"

    def test_true_and_false_name_variants(self) -> None:
        variants = {"true": "yes", "false": "no", "else": "?"}
        rule = {"==": [{"var": "city"}, "London"]}
        evaluator = evaluator_of(f=flag(rule, default="else", variants=variants))
        assert evaluator.string("f", "", LONDON) == "yes"
        assert evaluator.string("f", "", {}) == "no"

    def test_metadata_of_the_flag_stand_over_those_of_the_set(self) -> None:
        evaluator = evaluator_of(
            metadata={"set": "shop", "owner": "nobody"}, f=flag(metadata={"owner": "ann"}), g=3
        )
        assert evaluator.boolean_details("f", False).metadata == {"set": "shop", "owner": "ann"}
        assert evaluator.boolean_details("g", False).metadata == {"set": "shop", "owner": "nobody"}
        assert evaluator.boolean_details("none", False).metadata == {"set": "shop", "owner": "nobody"}


VALUES: dict[str, Any] = {
    "boolean": True,
    "string": "text",
    "integer": 3,
    "number": 2.5,
    "object": {"a": [1]},
}


class TestTypes:
    @pytest.mark.parametrize("asked", VALUES)
    @pytest.mark.parametrize("defined", VALUES)
    def test_each_way_of_asking_takes_its_type(self, asked: str, defined: str) -> None:
        evaluator = evaluator_of(f=flag(default="x", variants={"x": VALUES[defined]}))
        mine = object()
        details = getattr(evaluator, f"{asked}_details")("f", mine)
        value = getattr(evaluator, asked)("f", mine)
        if asked == defined or (asked == "number" and defined == "integer"):
            assert details.value == value == VALUES[defined]
            assert details.error_code is None
        else:
            assert value is details.value is mine
            assert (details.reason, details.error_code) == ("ERROR", "TYPE_MISMATCH")
            assert evaluator.errors == {("f", "TYPE_MISMATCH"): 2}
            assert evaluator.counts() == {}

    def test_a_number_is_a_float(self) -> None:
        evaluator = evaluator_of(f=flag(default="x", variants={"x": 3}))
        assert type(evaluator.number("f", 0.0)) is float
        assert type(evaluator.number_details("f", 0.0).value) is float
        assert type(evaluator.integer("f", 0)) is int

    def test_of_a_flag_of_numbers_the_whole_ones_are_integers(self) -> None:
        rule = {"if": [{"==": [{"var": "city"}, "London"]}, "whole", None]}
        evaluator = evaluator_of(f=flag(rule, default="half", variants={"whole": 3, "half": 0.5}))
        assert evaluator.integer("f", -1, LONDON) == 3
        assert evaluator.integer("f", -1) == -1
        assert evaluator.integer_details("f", -1).error_code == "TYPE_MISMATCH"
        assert evaluator.number("f", -1.0) == 0.5

    def test_without_a_variant_there_is_no_mismatch(self) -> None:
        evaluator = evaluator_of(f=flag(IN_LONDON, default=None))
        details = evaluator.string_details("f", "mine")
        assert (details.value, details.reason, details.error_code) == ("mine", "DEFAULT", None)
        assert evaluator.string_details("f", "mine", LONDON).error_code == "TYPE_MISMATCH"

    def test_each_caller_has_an_object_of_its_own(self) -> None:
        evaluator = evaluator_of(f=flag(default="x", variants={"x": {"a": [1]}}))
        evaluator.object("f", {})["a"].append(2)
        evaluator.object_details("f", {}).value["a"].append(2)
        assert evaluator.object("f", {}) == {"a": [1]}
        mine: list[Any] = []
        assert evaluator.object("none", mine) is mine

    def test_any_type_for_who_passes_it_on(self) -> None:
        evaluator = evaluator_of(f=flag(default="x", variants={"x": [1]}), g=flag())
        assert evaluator.details("f").value == [1]
        assert evaluator.details("g").value is False
        assert evaluator.details("none").error_code == "FLAG_NOT_FOUND"


class Hostile(dict[str, Any]):
    """A context that breaks."""

    def get(self, *_: Any) -> Any:
        raise ZeroDivisionError


class TestWhatIsWrong:
    @pytest.mark.parametrize("context", [3, "text", [1], Hostile(), object(), {1: 2}])
    def test_no_context_makes_an_evaluation_fail(self, context: Any) -> None:
        evaluator = evaluator_of(f=flag({"if": [{"ends_with": [{"var": "a.b"}, "x"]}, "on", "off"]}))
        for _ in range(2):
            assert evaluator.boolean("f", True, context) in (True, False)
            assert evaluator.boolean_details("f", True, context).value in (True, False)

    def test_what_an_evaluation_raises_is_counted_and_told_without_its_text(self) -> None:
        evaluator = evaluator_of(f=flag(IN_LONDON))
        assert evaluator.boolean("f", True, Hostile()) is True
        details = evaluator.boolean_details("f", True, Hostile())
        assert (details.error_code, details.error_message) == (
            "GENERAL",
            "ZeroDivisionError in the evaluation",
        )
        assert evaluator.errors == {("f", "GENERAL"): 2}

    @pytest.mark.parametrize("key", ["none", "", None, 3, ("f",)])
    def test_no_key_makes_an_evaluation_fail(self, key: Any) -> None:
        evaluator = evaluator_of(f=flag())
        assert evaluator.boolean(key, True) is True
        assert evaluator.boolean_details(key, True).error_code == "FLAG_NOT_FOUND"

    def test_a_key_that_cannot_be_one(self) -> None:
        evaluator = evaluator_of(f=flag())
        assert evaluator.boolean(["f"], True) is True  # type: ignore[arg-type]
        assert evaluator.boolean_details(["f"], True).error_code == "GENERAL"  # type: ignore[arg-type]

    def test_a_result_that_is_no_variant_is_an_error_not_the_default_variant(self) -> None:
        for rule in ({"var": "city"}, {"if": [True, "Paris"]}, {"+": [1, 2]}, {"merge": [1]}):
            details = evaluator_of(f=flag(rule)).boolean_details("f", True, LONDON)
            assert (details.value, details.error_code) == (True, "GENERAL"), rule

    def test_an_unknown_operator_spoils_its_flag_only(self) -> None:
        evaluator = evaluator_of(f=flag({"if": [{"exec": "1"}, "on", "off"]}), g=flag(IN_LONDON))
        details = evaluator.boolean_details("f", True)
        assert (details.value, details.error_code) == (True, "PARSE_ERROR")
        assert details.error_message == "there is no operator 'exec'"
        assert evaluator.boolean("g", False, LONDON) is True
        assert [defect.flag for defect in evaluator.findings()] == ["f"]

    def test_errors_of_endless_keys_are_counted_together(self) -> None:
        evaluator = Evaluator()
        for number in range(10_050):
            evaluator.boolean(f"none-{number}", False)
        assert len(evaluator.errors) <= 10_001
        assert evaluator.errors["", "FLAG_NOT_FOUND"] == 50


class TestCounting:
    def test_by_flag_and_variant_and_the_callers_default(self) -> None:
        evaluator = evaluator_of(f=flag(IN_LONDON), g=flag(default=None), h=flag(state="DISABLED"))
        for _ in range(3):
            evaluator.boolean("f", False, LONDON)
        evaluator.boolean_details("f", False, {})
        evaluator.boolean("g", False)
        evaluator.string_details("h", "")
        assert evaluator.counts() == {("f", "on"): 3, ("f", "off"): 1, ("g", ""): 1, ("h", ""): 1}

    def test_a_count_survives_a_change_of_its_flag(self) -> None:
        evaluator = evaluator_of(f=flag(IN_LONDON))
        evaluator.boolean("f", False, LONDON)
        evaluator.patch({"f": flag(default="on")}, (), 8)
        evaluator.boolean("f", False)
        assert evaluator.counts() == {("f", "on"): 2}

    def test_a_use_counts_as_of_the_look_that_first_sees_it(self) -> None:
        now = [100.0]
        evaluator = Evaluator(clock=lambda: now[0])
        evaluator.replace({"flags": {"f": flag(), "g": flag()}})
        evaluator.boolean("f", False)
        assert evaluator.last_used() == {"f": 100.0}
        now[0] = 200.0
        evaluator.boolean("g", False)
        assert evaluator.last_used() == {"f": 100.0, "g": 200.0}


class TestChanging:
    def test_a_patch_changes_what_it_names(self) -> None:
        evaluator = evaluator_of(f=flag(), g=flag(), h=flag())
        assert evaluator.version == 7
        for key in "fgh":
            evaluator.boolean(key, True)
        evaluator.patch({"f": flag(default="on")}, ("g",), 8)
        assert evaluator.version == 8
        assert evaluator.keys() == ("f", "h")
        assert (evaluator.boolean("f", False), evaluator.boolean("h", True)) == (True, False)
        assert evaluator.boolean_details("g", True).error_code == "FLAG_NOT_FOUND"

    def test_unchanged_flags_keep_their_function(self) -> None:
        evaluator = evaluator_of(f=flag(IN_LONDON), g=flag(IN_LONDON))
        for key in "fg":
            evaluator.boolean(key, True)
            evaluator.boolean_details(key, True)
        before = dict(evaluator._now.boolean), dict(evaluator._now.boolean_details)
        evaluator.replace({"flags": {"f": flag(IN_LONDON), "g": flag(default="on")}}, 8)
        assert evaluator._now.boolean == {"f": before[0]["f"]}
        assert evaluator._now.boolean_details == {"f": before[1]["f"]}
        evaluator.replace({"flags": {"f": flag(IN_LONDON)}, "metadata": {"set": "other"}}, 9)
        assert evaluator._now.boolean == {"f": before[0]["f"]}
        assert evaluator.boolean_details("f", True).metadata == {"set": "other"}

    def test_one_is_not_true_to_a_reload(self) -> None:
        evaluator = evaluator_of(f=flag(default="x", variants={"x": 1}))
        assert evaluator.integer("f", 5) == 1
        evaluator.replace({"flags": {"f": flag(default="x", variants={"x": True})}}, 8)
        assert evaluator.integer("f", 5) == 5
        assert evaluator.boolean("f", False) is True

    def test_a_changed_shared_rule_changes_its_flags(self) -> None:
        rule = {"if": [{"$ref": "home"}, "on", "off"]}
        evaluator = evaluator_of({"home": {"==": [{"var": "city"}, "London"]}}, f=flag(rule))
        assert evaluator.boolean("f", False, LONDON) is True
        document = {"flags": {"f": flag(rule)}, "$evaluators": {"home": {"==": [{"var": "city"}, "Rome"]}}}
        evaluator.replace(document, 8)
        assert evaluator.boolean("f", True, LONDON) is False

    @pytest.mark.parametrize("document", [{}, [], None, {"flags": 3}, {"flags": [{}]}, {"flags": {1: {}}}])
    def test_what_has_no_flags_leaves_the_last_good_in_force(self, document: Any) -> None:
        evaluator = evaluator_of(f=flag(default="on"))
        with pytest.raises(InvalidInput):
            evaluator.replace(document, 8)
        assert evaluator.version == 7
        assert evaluator.boolean("f", False) is True

    def test_a_patch_of_nonsense_spoils_its_flag_only(self) -> None:
        evaluator = evaluator_of(f=flag(default="on"), g=flag(default="on"))
        evaluator.patch({"f": "nonsense"}, (), 8)  # type: ignore[dict-item]
        assert evaluator.boolean_details("f", True).error_code == "PARSE_ERROR"
        assert evaluator.boolean("g", False) is True
        with pytest.raises(InvalidInput):
            evaluator.patch({3: {}}, (), 9)  # type: ignore[dict-item]
        assert evaluator.version == 8

    def test_hashing_is_one_of_two(self) -> None:
        with pytest.raises(InvalidInput):
            Evaluator(hashing="v1")

    def test_readers_see_one_set_or_the_other_while_it_changes(self) -> None:
        evaluator = evaluator_of(f=flag(IN_LONDON), g=flag(IN_LONDON))
        over = threading.Event()
        seen: set[bool] = set()

        def read() -> None:
            while not over.is_set():
                seen.add(evaluator.boolean("f", False, LONDON))
                seen.add(evaluator.boolean_details("g", False, LONDON).error_code is None)

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        documents = [{"flags": {"f": flag(IN_LONDON), key: flag(), "g": flag(IN_LONDON)}} for key in "gh"]
        for number in range(300):
            evaluator.replace(documents[number % 2], number)
            evaluator.patch({"f": flag(IN_LONDON, metadata={"n": number})}, (), number)
        over.set()
        for thread in threads:
            thread.join(20)
        assert seen == {True}
        assert evaluator.errors == {}

    def test_a_forked_child_can_change_its_set_while_the_parent_was_at_it(self) -> None:
        done = subprocess.run([sys.executable, "-c", FORKING], timeout=20, check=False)
        assert done.returncode == 0


#: In a process of its own, which has no threads that a fork would be warned of.
FORKING = """
import os
from andon.flags import evaluator as module
evaluator = module.Evaluator()
with module._changing:
    child = os.fork()
    if child == 0:
        evaluator.replace({"flags": {"f": {"state": "ENABLED", "variants": {"x": 1}, "defaultVariant": "x"}}})
        os._exit(0 if evaluator.integer("f", 5) == 1 else 1)
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
