"""Targeting rules: what they mean, that nothing of them becomes source, and that none gets out of hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import CellType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.flags import compiled, compiling, operators
from andon.flags.compiled import Compiled
from andon.flags.compiling import compile_rule, compile_targeting
from andon.flags.evaluator import Evaluator
from andon.flags.judging import OPERATORS

VARIANTS = {"on": True, "off": False}
ANN = {"targetingKey": "ann", "email": "ann@example.com", "tags": ["new", "beta"], "age": 30, "nothing": None}


def evaluator_of(targeting: Any, evaluators: Any = None, **more: Any) -> Evaluator:
    flag = {"state": "ENABLED", "variants": VARIANTS, "defaultVariant": "off", "targeting": targeting, **more}
    made = Evaluator(clock=lambda: 1_800_000_000.7)
    made.replace({"flags": {"f": flag}, "$evaluators": evaluators or {}})
    return made


def holds(condition: Any, context: Any = ANN, evaluators: Any = None) -> bool:
    """Say whether a condition holds, asked as a flag is: for values and for details."""
    evaluator = evaluator_of({"if": [condition, "on", "off"]}, evaluators)
    found = evaluator.boolean("f", False, context)
    assert evaluator.boolean_details("f", False, context).value is found
    assert not evaluator.errors
    return found


MEANT: list[tuple[Any, bool]] = [
    ({"==": [{"var": "age"}, "30"]}, True),
    ({"===": [{"var": "age"}, "30"]}, False),
    ({"!=": [{"var": "email"}, "ann@example.com"]}, False),
    ({"==": [{"var": "nothing"}, {"var": "unknown"}]}, True),
    ({"===": [1, True]}, False),
    ({"<": [18, {"var": "age"}, 65]}, True),
    ({"<=": [31, {"var": "age"}, 65]}, False),
    ({">": ["b", "a"]}, True),
    ({">": [{"var": "email"}, 3]}, False),
    ({"in": ["beta", {"var": "tags"}]}, True),
    ({"in": [{"var": "age"}, [30, 31]]}, True),
    ({"in": [{"var": "age"}, ["30"]]}, False),
    ({"in": [True, [1]]}, False),
    ({"in": [{"var": "tags"}, ["new"]]}, False),
    ({"in": ["example", {"var": "email"}]}, True),
    ({"in": [{"var": "nothing"}, [None, "x"]]}, True),
    ({"starts_with": [{"var": "email"}, "ann"]}, True),
    ({"ends_with": [{"var": "age"}, "0"]}, False),
    ({"ends_with": [{"var": "unknown"}, ""]}, False),
    ({"!": {"var": "unknown"}}, True),
    ({"!!": [[]]}, False),
    ({"!!": [{"var": ""}]}, True),
    ({"and": [{"var": "tags"}, {"var": "age"}]}, True),
    ({"or": [{"var": "nothing"}, ""]}, False),
    ({"some": [{"var": "tags"}, {"==": [{"var": ""}, "new"]}]}, True),
    ({"none": [{"var": "tags"}, {"==": [{"var": ""}, "old"]}]}, True),
    ({"all": [[], True]}, False),
    ({"==": [{"reduce": [[1, 2, 3], {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]}, 6]}, True),
    ({"in": [4, {"map": [[1, 2], {"*": [{"var": ""}, 2]}]}]}, True),
    ({"missing": ["email", "phone"]}, True),
    ({"missing_some": [1, ["email", "phone"]]}, False),
    ({"==": [{"cat": [1, 2.0, True, None, "x"]}, "12truex"]}, True),
    ({"==": [{"substr": [{"var": "email"}, -3]}, "com"]}, True),
    ({"==": [{"var": "tags.1"}, "beta"]}, True),
    ({"==": [{"var": ["unknown", "else"]}, "else"]}, True),
    ({"==": [{"var": {"cat": ["em", "ail"]}}, "ann@example.com"]}, True),
    ({"==": [{"var": "$flagd.flagKey"}, "f"]}, True),
    ({"==": [{"var": "$flagd.timestamp"}, 1_800_000_000]}, True),
    ({"<": [{"%": [{"var": "$flagd.timestamp"}, 7]}, 7]}, True),
    ({"sem_ver": ["1.2.3-rc.1", "<", "1.2.3"]}, True),
    ({"==": [{"max": [1, "3", 2]}, 3]}, True),
    ({"/": [1, 0]}, False),
    ({"%": [1, 0]}, False),
    ({"log": True}, True),
]


@pytest.mark.parametrize(("condition", "wanted"), MEANT)
def test_a_condition_means(condition: Any, wanted: bool) -> None:
    assert holds(condition) is wanted


def test_without_a_context_every_variable_is_null() -> None:
    assert holds({"!": {"var": "email"}}, None)
    assert not holds({"ends_with": [{"var": "email"}, "x"]}, None)
    assert evaluator_of({"fractional": [["on", 1]]}).boolean_details("f", True).reason == "DEFAULT"


def test_the_first_condition_that_holds_decides_and_an_else_may_be_missing() -> None:
    rule = {"if": [{"var": "a"}, "on", {"var": "b"}, "off"]}
    evaluator = evaluator_of(rule, defaultVariant="on")
    assert evaluator.boolean("f", False, {"a": 1, "b": 1}) is True
    assert evaluator.boolean("f", True, {"b": 1}) is False
    assert evaluator.boolean_details("f", False, {}).reason == "DEFAULT"


class TestSharedRules:
    def test_a_rule_refers_to_another(self) -> None:
        shared = {
            "staff": {"ends_with": [{"var": "email"}, "@example.com"]},
            "either": {"or": [{"$ref": "staff"}]},
        }
        assert holds({"$ref": "either"}, ANN, shared)
        assert not holds({"$ref": "either"}, {"email": "x"}, shared)

    def test_a_targeting_may_be_shared_whole(self) -> None:
        evaluator = evaluator_of({"$ref": "all"}, {"all": {"if": [{"var": "age"}, "on", "off"]}})
        assert evaluator.boolean("f", False, ANN) is True

    @pytest.mark.parametrize(
        ("shared", "rule"),
        [
            ({"a": {"$ref": "a"}}, "ref-cyclic"),
            ({"a": {"!": {"$ref": "b"}}, "b": {"or": [{"$ref": "a"}]}}, "ref-cyclic"),
            ({"b": True}, "ref-unknown"),
            ({"a": {"$ref": ["a"]}}, "ref-unknown"),
        ],
    )
    def test_a_reference_to_itself_or_to_nothing_spoils_the_flag(self, shared: Any, rule: str) -> None:
        evaluator = evaluator_of({"if": [{"$ref": "a"}, "on", "off"]}, shared)
        assert evaluator.boolean_details("f", True).error_code == "PARSE_ERROR"
        assert [defect.rule for defect in evaluator.findings()] == [rule]

    def test_references_that_double_twenty_times_are_too_large(self) -> None:
        shared: dict[str, Any] = {f"r{n}": {"and": [{"$ref": f"r{n + 1}"}] * 2} for n in range(20)}
        shared["r20"] = True
        evaluator = evaluator_of({"if": [{"$ref": "r0"}, "on", "off"]}, shared)
        assert evaluator.boolean_details("f", True).error_code == "PARSE_ERROR"
        assert evaluator.findings()[0].rule == "targeting-large"


HOSTILE = (
    "'); import os; os._exit(1); ('",
    '"""',
    "\\",
    "\n__import__('os')._exit(1)\n",
    "{0.__class__}",
    "%s%n",
    "\x00",
    "K0",
    "c",
    "tail",
    "__builtins__",
    "\u202e\x1b[2J",
)


class TestNothingBecomesSource:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_hostile_text_anywhere_is_a_text(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compiled, "_CODES", codes := {})
        rule = {
            "if": [
                {"and": [{"==": [{"var": text}, text]}, {"in": [{"var": "a." + text}, [text, "x"]]}]},
                text,
                {"starts_with": [{"var": [text, text]}, text]},
                {"fractional": [{"cat": [text, {"var": text}]}, [text, 1]]},
                {"var": text},
            ]
        }
        flag = {"state": "ENABLED", "variants": {text: text}, "defaultVariant": text, "targeting": rule}
        evaluator = Evaluator()
        evaluator.replace({"flags": {text: flag}, "$evaluators": {text: text}})
        assert evaluator.string(text, "", {text: text, "a": {text: "x"}}) == text
        assert evaluator.string(text, "", {}) == text
        assert codes
        assert not any(text in source for source in codes if len(text) > 6)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_hostile_operator_spoils_its_flag(self, text: str) -> None:
        evaluator = evaluator_of({"if": [{text: [1, 2]}, "on", "off"]})
        details = evaluator.boolean_details("f", True)
        assert details.error_code == "PARSE_ERROR"
        assert str(details.error_message).isprintable()

    def test_generated_code_has_no_builtins(self) -> None:
        made = compile_targeting(
            "f", {"var": "x"}, {}, VARIANTS, has_default=True, hashing="v3", clock=time.time
        )
        function = made.bind(lambda _: CellType(0), {}, {"fallback": None, "tail": None})
        assert function.__globals__["__builtins__"] == {}  # type: ignore[attr-defined]

    def test_flags_of_one_shape_share_their_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compiled, "_CODES", codes := {})
        for number in range(20):
            rule = {"if": [{"==": [{"var": f"v{number}"}, f"x{number}"]}, "on", "off"]}
            assert evaluator_of(rule).boolean("f", False, {f"v{number}": f"x{number}"}) is True
        assert len(codes) == 1


def nested(depth: int, inner: Any = True) -> Any:
    rule = inner
    for _ in range(depth):
        rule = {"!": [rule]}
    return rule


class TestNoneGetsOutOfHand:
    def test_the_deepest_rule_that_passes_is_compiled(self) -> None:
        shapes: list[Any] = ["and", "or", "!", "cat", "max", "==", "in", "if", "merge", "some", "fractional"]
        for shape in shapes:
            rule: Any = {"var": "age"}
            for _ in range(47):
                rule = {shape: [rule, {"var": "age"}]}
            evaluator = evaluator_of({"if": [rule, "on", "off"]})
            details = evaluator.boolean_details("f", False, ANN)
            assert details.error_code is None, (shape, details)

    @pytest.mark.parametrize("depth", [60, 900, 10_000])
    def test_a_rule_too_deep_spoils_its_flag(self, depth: int) -> None:
        evaluator = evaluator_of({"if": [nested(depth), "on", "off"]})
        assert evaluator.boolean_details("f", True).error_code == "PARSE_ERROR"
        assert evaluator.findings()[0].rule == "targeting-deep"

    def test_a_chain_of_else_ifs_is_as_long_as_it_likes(self) -> None:
        rule: Any = "off"
        for number in range(400):
            rule = {"if": [{"==": [{"var": "age"}, number]}, "on", rule]}
        evaluator = evaluator_of(rule)
        assert evaluator.boolean("f", False, {"age": 0}) is True
        assert evaluator.boolean("f", True, {"age": 401}) is False
        assert not evaluator.errors

    def test_shares_in_shares_are_compiled_once_each(self) -> None:
        rule: Any = "on"
        for _ in range(20):
            rule = {"fractional": [[rule, 1], ["off", 1]]}
        evaluator = evaluator_of(rule)
        assert evaluator.boolean_details("f", False, ANN).error_code is None
        assert evaluator.boolean_details("f", False, {"targetingKey": 3}).reason == "DEFAULT"

    def test_a_long_list_is_one_look_up(self) -> None:
        members = [f"user-{number}" for number in range(100_000)]
        evaluator = evaluator_of({"if": [{"in": [{"var": "targetingKey"}, members]}, "on", "off"]})
        assert evaluator.boolean("f", False, {"targetingKey": "user-99999"}) is True
        begun = time.thread_time()
        for _ in range(1000):
            evaluator.boolean("f", False, {"targetingKey": "nobody"})
        assert time.thread_time() - begun < 0.5

    BOMBS: tuple[Any, ...] = (
        {"reduce": [{"var": "many"}, {"cat": [{"var": "accumulator"}, {"var": "accumulator"}]}, "x"]},
        {"reduce": [{"var": "many"}, {"*": [{"var": "accumulator"}, {"var": "accumulator"}]}, 3]},
        {"reduce": [{"var": "many"}, {"merge": [{"var": "accumulator"}, {"var": "accumulator"}]}, [1]]},
        {"reduce": [{"var": "many"}, [{"var": "accumulator"}, {"var": "accumulator"}], 1]},
        {"cat": {"reduce": [{"var": "many"}, [{"var": "accumulator"}, {"var": "accumulator"}], 1]}},
        {"map": [{"var": "many"}, {"map": [{"var": "inside"}, {"map": [{"var": "inside"}, 1]}]}]},
        {"some": [{"var": "many"}, {"none": [{"var": "inside"}, {"in": [1, {"var": "inside"}]}]}]},
    )

    @pytest.mark.parametrize("bomb", BOMBS)
    def test_a_bomb_is_the_callers_default_in_bounded_time(self, bomb: Any) -> None:
        inside = {"inside": [0] * 3000}  # shared: what is large is the work, not the data
        many = [{"inside": [inside] * 300}] * 300
        evaluator = evaluator_of({"if": [{"==": [bomb, 1]}, "on", "off"]})
        begun = time.thread_time()
        assert evaluator.boolean("f", True, {"many": many}) in (True, False)
        assert time.thread_time() - begun < 3.0

    def test_what_goes_over_the_budget_is_told(self) -> None:
        evaluator = evaluator_of({"if": [{"some": [{"var": "many"}, {"var": "x"}]}, "on", "off"]})
        many = [{"x": 0}] * (operators.MOST_STEPS + 1)
        assert evaluator.boolean_details("f", True, {"many": many}).error_message == (
            "OutOfBudget in the evaluation"
        )


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 99)
    | st.floats(-2, 2)
    | st.sampled_from(["a", "1", "", "ab"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y"]), inner, max_size=2)
    ),
    max_leaves=5,
)
#: Values as they stand in a rule: an object of one key would be an operator.
LITERALS = st.one_of(*(st.just(v) for v in (None, True, False, 0, 1, 1.5, "a", "1", "", "ab", [], ["a", 1])))
NAMES = st.sampled_from(["x", "y", "x.y", "targetingKey", ""])


def conditions() -> st.SearchStrategy[Any]:
    simple = st.one_of(LITERALS, st.builds(lambda n: {"var": n}, NAMES))

    def wider(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        pair = st.lists(inner, min_size=2, max_size=2)
        two = st.sampled_from(
            ["==", "===", "<", ">=", "in", "starts_with", "ends_with", "and", "or", "cat", "+"]
        )
        return st.one_of(
            st.builds(lambda op, args: {op: args}, two, pair),
            st.builds(lambda arg: {"!": [arg]}, inner),
            st.builds(lambda arg: {"in": [arg, ["a", "ab", "1"]]}, inner),
            st.builds(lambda arg: {"ends_with": [arg, "b"]}, inner),
            st.builds(lambda args: {"if": [*args, "on"]}, pair),
            st.builds(lambda arg: {"fractional": [arg, ["on", 1], ["off", 1]]}, inner),
        )

    return st.recursive(simple, wider, max_leaves=8)


def bound(writer: compiling._Writer, careful: Callable[[], Compiled] | None) -> Any:
    ends = {"on": "on", "off": "off", None: "default"}
    more = {"fallback": None, "tail": lambda result, _: ends.get(result)}
    return writer.compiled(careful).bind(lambda _: CellType(0), ends, more)


@settings(max_examples=100, deadline=None)
@given(condition=conditions(), context=st.dictionaries(st.sampled_from(["x", "y", "targetingKey"]), JSON))
def test_code_that_takes_types_for_granted_says_what_careful_code_says(condition: Any, context: Any) -> None:
    def written(is_plain: bool) -> compiling._Writer:
        writer = compiling._Writer("f", {}, "v3", lambda: 0.0)
        writer.variants, writer.has_default, writer.is_plain = VARIANTS, True, is_plain
        writer.tail({"if": [condition, "on", {"fractional": [condition, ["on", 1], ["off", 1]]}]}, 1)
        return writer

    plain = bound(written(True), lambda: written(False).compiled(None))
    assert plain(context, None) == bound(written(False), None)(context, None)


def test_a_rule_of_any_data() -> None:
    assert compile_rule({"var": "1"})(["a", "b"]) == "b"
    assert compile_rule({"var": ""})(3) == 3
    assert compile_rule([1, {"var": "x"}])({"x": 2}) == [1, 2]


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["on", "off", "x", "", "targetingKey", "$flagd", "\ud800", "1.0.0"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from([*OPERATORS, "$ref", "x", "on"]) | st.text(max_size=3), inner, max_size=2
        ),
        st.builds(
            lambda op, args: {op: args}, st.sampled_from([*OPERATORS, "$ref"]), st.lists(inner, max_size=4)
        ),
    ),
    max_leaves=25,
)


@settings(max_examples=100, deadline=None)
@given(
    targeting=ANYTHING,
    shared=st.dictionaries(st.sampled_from(["on", "x", ""]), ANYTHING, max_size=2),
    context=st.dictionaries(st.sampled_from(["x", "targetingKey", "on", ""]), ANYTHING, max_size=3),
    more=st.dictionaries(
        st.sampled_from(["state", "variants", "defaultVariant", "metadata"]), ANYTHING, max_size=1
    ),
)
def test_no_definition_and_no_context_makes_an_evaluation_fail(
    targeting: Any, shared: Any, context: Any, more: Any
) -> None:
    evaluator = evaluator_of(targeting, shared, **more)
    for _ in range(2):
        assert isinstance(evaluator.boolean("f", True, context), bool)
        details = evaluator.boolean_details("f", True, context)
        assert details.value is evaluator.boolean("f", True, context)
        assert details.error_code in (None, "PARSE_ERROR", "GENERAL", "TYPE_MISMATCH")
    spoilt = any(defect.spoils for defect in evaluator.findings())
    assert (details.error_code == "PARSE_ERROR") == spoilt
