"""One flag made ready: judged once, compiled when it is first asked for, bound to each way of asking.

Kept while the flag's definition stays the same, whatever else of the set changes.
"""

from __future__ import annotations

from types import CellType, FunctionType

from andon.errors import AndonError
from andon.flags import definitions
from andon.flags.compiling import WrongResult, compile_targeting
from andon.flags.details import (
    DEFAULT,
    DISABLED,
    GENERAL,
    PARSE_ERROR,
    STATIC,
    TARGETING_MATCH,
    TYPE_MISMATCH,
    Details,
)
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from andon.flags.compiled import Compiled, Evaluate
    from andon.flags.definitions import Defect

#: Ways of asking to what the variants must be.
ASKED = {
    "boolean": definitions.BOOLEAN,
    "string": definitions.STRING,
    "integer": definitions.NUMBER,
    "number": definitions.NUMBER,
    "object": definitions.OBJECT,
}


class Fault(AndonError):
    """Why a flag has no value of its own, by an error code of OpenFeature."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _template() -> FunctionType:
    """Return a function whose count and answer are put in its cells (`_always`)."""
    n, answer = 0, None

    def evaluate(_: Any, __: Any) -> Any:
        nonlocal n
        n += 1
        return answer

    return evaluate  # type: ignore[return-value]  # a function is one


_ALWAYS = _template().__code__


def _always(counter: CellType, answer: Any) -> Evaluate:
    """Return what counts and gives the same answer to everybody."""
    cells = {"n": counter, "answer": CellType(answer)}
    return FunctionType(_ALWAYS, {}, "evaluate", None, tuple(cells[name] for name in _ALWAYS.co_freevars))


class Flag:
    """A flag of the set in force."""

    #: `counters` gives the count of a variant: a cell, that is a number which the functions that serve the
    #: variant share as their variable. Counted without a lock, so that two threads at once may count one.
    __slots__ = ("clock", "compiled", "counters", "defects", "definition", "evaluators", "hashing", "key")

    def __init__(
        self,
        key: str,
        definition: Any,
        evaluators: Mapping[str, Any],
        counters: Callable[[str, str], CellType],
        hashing: str,
        clock: Callable[[], float],
    ) -> None:
        self.key = key
        self.definition = definition
        self.evaluators = evaluators
        self.counters = counters
        self.hashing = hashing
        self.clock = clock
        self.defects: tuple[Defect, ...] | None = None
        self.compiled: Compiled | None = None

    def judged(self) -> tuple[Defect, ...]:
        """Return what is wrong with the flag."""
        if self.defects is None:
            self.defects = definitions.judge(self.key, self.definition, self.evaluators)
        return self.defects

    def function(self, asked: str, set_metadata: Mapping[str, Any], is_detailed: bool) -> Evaluate:
        """Return what answers one way of asking (`""`: any type); raises Fault for a flag that cannot.

        The answers of a flag of another type are checked one by one: without a variant there is no mismatch.
        """
        for defect in self.judged():
            if defect.spoils:
                raise Fault(PARSE_ERROR, defect.message)
        metadata = {**set_metadata, **definitions.metadata_of(self.definition)}
        if self.definition["state"] == definitions.DISABLED:
            return self._switched_off(metadata, is_detailed)
        variants = self.definition["variants"]
        kind = definitions.kind_of(variants)
        is_fit = not asked or (
            ASKED[asked] == kind and (asked != "integer" or all(type(v) is int for v in variants.values()))
        )
        if not is_fit:
            return self._checked(self._bound(variants, metadata, True), asked, is_detailed)
        if asked == "number":
            variants = {name: float(value) for name, value in variants.items()}
        return self._bound(variants, metadata, is_detailed)

    def _switched_off(self, metadata: Mapping[str, Any], is_detailed: bool) -> Evaluate:
        counter, key = self.counters(self.key, ""), self.key

        def evaluate(_: Any, default: Any) -> Any:
            counter.cell_contents += 1
            if not is_detailed:
                return default
            return Details(value=default, reason=DISABLED, metadata=metadata, flag_key=key)

        return evaluate

    def _bound(self, variants: Mapping[str, Any], metadata: Mapping[str, Any], is_detailed: bool) -> Evaluate:
        default = definitions.default_of(self.definition)
        targeting = self.definition.get("targeting")
        # None is the default's place: what a rule that chose nothing comes to.
        made: dict[str | None, Any] = {None: None if default is None else variants[default]}
        made.update(variants.items())
        if is_detailed:
            reason = DEFAULT if targeting else STATIC
            named = [(name, name, TARGETING_MATCH) for name in variants]
            for place, name, why in (*named, (None, default, reason)):
                made[place] = Details(
                    value=made[place], variant=name, reason=why, metadata=metadata, flag_key=self.key
                )
        if not targeting:
            return self._untargeted(default, made, metadata, is_detailed)
        if self.compiled is None:
            self.compiled = self._compiled(targeting, variants, default)
        fallback = self._fallback(metadata, is_detailed)
        more = {"fallback": fallback, "tail": self._tail(default, made, fallback)}
        return self.compiled.bind(lambda name: self._counter(name, default), made, more)

    def _counter(self, name: str | None, default: str | None) -> CellType:
        return self.counters(self.key, name if name is not None else default or "")

    def _fallback(self, metadata: Mapping[str, Any], is_detailed: bool) -> Callable[[Any], Any]:
        key = self.key
        if not is_detailed:
            return _same
        return lambda default: Details(value=default, reason=DEFAULT, metadata=metadata, flag_key=key)

    def _untargeted(
        self,
        default: str | None,
        made: Mapping[str | None, Any],
        metadata: Mapping[str, Any],
        is_detailed: bool,
    ) -> Evaluate:
        counter, answer = self._counter(None, default), made[None]
        if default is None:
            fallback = self._fallback(metadata, is_detailed)

            def answer_for(_: Any, default: Any) -> Any:
                counter.cell_contents += 1
                return fallback(default)

            return answer_for
        return _always(counter, answer)

    def _tail(
        self, default: str | None, made: Mapping[str | None, Any], fallback: Callable[[Any], Any]
    ) -> Evaluate:
        """Return what makes an answer of a result that was not known when the rule was compiled."""
        table = {name: (self._counter(name, default), answer) for name, answer in made.items()}

        def tail(result: Any, given: Any) -> Any:
            if result is True or result is False:
                result = "true" if result else "false"
            if result is not None and not isinstance(result, str):
                raise WrongResult("the targeting came to something that is no name of a variant")
            try:
                counter, answer = table[result]
            except KeyError:
                raise WrongResult("the targeting came to a name that is not among the variants") from None
            counter.cell_contents += 1
            return fallback(given) if result is None and default is None else answer

        return tail

    def _checked(self, detailed: Evaluate, asked: str, is_detailed: bool) -> Evaluate:
        """Return what answers like `detailed` where the value is of the type asked for."""

        def evaluate(context: Any, default: Any) -> Any:
            answer = detailed(context, default)
            if answer.variant is not None:
                value = answer.value
                if asked == "integer" and type(value) is int:
                    pass
                elif asked == "number" and type(value) in (int, float):
                    answer = replace(answer, value=float(value))
                else:
                    self.counters(self.key, answer.variant).cell_contents -= 1
                    raise Fault(TYPE_MISMATCH, f"asked for {asked}, the flag is {_called(value)}")
            return answer if is_detailed else answer.value

        return evaluate

    def _compiled(self, targeting: Any, variants: Mapping[str, Any], default: str | None) -> Compiled:
        try:
            return compile_targeting(
                self.key,
                targeting,
                self.evaluators,
                variants,
                has_default=default is not None,
                hashing=self.hashing,
                clock=self.clock,
            )
        except (SyntaxError, RecursionError, MemoryError) as problem:
            raise Fault(PARSE_ERROR, "the targeting is nested too deeply to be compiled") from problem


def _same(value: Any) -> Any:
    return value


def _called(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "integer" if isinstance(value, int) else "number"
    return "string" if isinstance(value, str) else "object"


def code_of(problem: Exception) -> str:
    """Return OpenFeature's code for what went wrong in an evaluation."""
    return problem.code if isinstance(problem, Fault) else GENERAL
