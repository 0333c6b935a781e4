"""A targeting rule as one Python function. Pure; a rule comes here when `judging` let it pass.

Nothing from a flag file becomes source text: every constant is bound to a name made here (`K0`, `K1`), so
that no operator, key or value says anything to Python. Where a result is known to be a variant, the function
counts and returns it; the same code is bound to values for one way of asking, to details for another.
"""

from __future__ import annotations

from types import CellType

from andon.flags import bucketing, operators
from andon.flags.bucketing import V2
from andon.flags.compiled import Compiled, code_of
from andon.flags.expressions import VARIES, Expressions, operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any


class WrongResult(Exception):
    """The targeting came to something that is not among the variants."""


def compile_targeting(
    key: str,
    targeting: Any,
    evaluators: Mapping[str, Any],
    variants: Collection[str],
    *,
    has_default: bool,
    hashing: str,
    clock: Callable[[], float],
) -> Compiled:
    """Return a rule as code; raises SyntaxError, RecursionError or MemoryError for one that is too large.

    The code takes the usual types for granted (a text where the rule asks how it ends) and leaves everything
    else to code that takes nothing for granted, which is compiled when it is first needed.
    """

    def made(is_plain: bool) -> Compiled:
        writer = _Writer(key, evaluators, hashing, clock)
        writer.variants, writer.has_default, writer.is_plain = variants, has_default, is_plain
        writer.tail(targeting, 1)
        return writer.compiled((lambda: made(False)) if is_plain else None)

    return made(True)


def compile_rule(
    rule: Any, *, flag_key: str = "", clock: Callable[[], float] = lambda: 0.0, hashing: str = "v3"
) -> Callable[[Any], Any]:
    """Return a rule as a function from data of any type to its value: JSONLogic alone, for its test cases."""
    made = _Writer(flag_key, {}, hashing, clock)
    made.is_mapping = False
    source = made.value(rule, "c")[0]
    made.emit(1, f"return {source}")
    function = made.compiled(None).bind(lambda _: CellType(0), {}, {})
    return lambda data: function(data, None)


class _Writer(Expressions):
    """Writes the function of one rule."""

    def __init__(
        self, key: str, evaluators: Mapping[str, Any], hashing: str, clock: Callable[[], float]
    ) -> None:
        super().__init__(key, evaluators, hashing, clock)
        self.variants: Collection[str] = ()
        self.has_default = False
        self.lines: list[str] = []
        self.exits: list[str | None] = []

    def compiled(self, careful: Callable[[], Compiled] | None) -> Compiled:
        """Compile what was written."""
        start = ["def evaluate(c, d):"]
        counts = [f"C{place}" for place in range(len(self.exits))]
        if counts:
            start.append(f" nonlocal {', '.join(counts)}")
        if self.is_mapping:
            start.append(" if c is None: c = EMPTY")
        if self.has_budget:
            start.append(f" b = [{operators.MOST_STEPS}]")
        lines = self.lines
        if self.is_risky:
            lines = [" try:", *(f" {line}" for line in lines)]
            lines += [" except (TypeError, AttributeError):", "  return careful(c, d)"]
        around = ["def around():", *(f" {name} = 0" for name in counts)]
        source = "\n".join((*around, *(f" {line}" for line in (*start, *lines)), ""))
        return Compiled(
            code_of(source), self.constants, tuple(self.exits), careful if self.is_risky else None
        )

    def emit(self, indent: int, line: str) -> None:
        self.lines.append(" " * indent + line)

    # ---- where the result is the targeting's

    def tail(self, rule: Any, indent: int) -> None:
        """Write statements that return what a rule comes to."""
        while True:
            rule = self.resolved(rule)
            operator, arguments = operation(rule)
            if operator in ("if", "?:"):
                self.nodes += 1
                place = 0
                while place + 1 < len(arguments):
                    self.emit(indent, f"if {self.truth(arguments[place], 'c')}:")
                    self.tail(arguments[place + 1], indent + 1)
                    place += 2
                rule = arguments[place] if place < len(arguments) else None
                continue
            break
        if operator == "fractional" and self.shared_out(arguments, indent):
            return
        source, _, constant = self.value(rule, "c")
        if constant is VARIES:
            self.emit(indent, f"return tail({source}, d)")
        else:
            self.leave(constant, source, indent)

    def leave(self, constant: Any, source: str, indent: int) -> None:
        """Write the return of a constant result."""
        if isinstance(constant, bool):
            constant = "true" if constant else "false"
        if constant is None:
            place = self.exit(None)
            self.emit(indent, f"C{place} += 1")
            self.emit(indent, f"return V{place}" if self.has_default else "return fallback(d)")
        elif isinstance(constant, str) and constant in self.variants:
            place = self.exit(constant)
            self.emit(indent, f"C{place} += 1")
            self.emit(indent, f"return V{place}")
        else:
            self.emit(indent, f"return tail({source}, d)")

    def exit(self, name: str | None) -> int:
        if name not in self.exits:
            self.exits.append(name)
        return self.exits.index(name)

    def shared_out(self, arguments: list[Any], indent: int) -> bool:
        """Write `fractional` with constant weights as comparisons of the hash; False for another."""
        is_short = bool(arguments) and isinstance(arguments[0], list)
        buckets = arguments if is_short else arguments[1:]
        ends = _constant_ends(buckets)
        if ends is None or not self.is_plain:
            return False
        self.nodes += 1
        self.is_risky = True
        key = self.temporary()
        by = {"var": "targetingKey"} if is_short else arguments[0]
        self.emit(indent, f"{key} = {self.value(by, 'c')[0]}")
        self.emit(indent, f"if {key}:" if self.hashing != V2 else f"if type({key}) is str and {key}:")
        self.hashed(key, is_short, indent + 1)
        reached = 0
        for bucket, end in zip(buckets, ends, strict=True):
            if end == reached:
                continue
            if end == 1 << 32:
                self.tail(bucket[0], indent + 1)
                break
            self.emit(indent + 1, f"if h < {self.constant(end)}:")
            self.tail(bucket[0], indent + 2)
            reached = end
        self.emit(indent, f"if {key} is None:")
        self.leave(None, "None", indent + 1)
        self.emit(indent, "return careful(c, d)")
        return True

    def hashed(self, key: str, is_pair: bool, indent: int) -> None:
        """Write the hash of a plain text into `h`."""
        if self.hashing == V2:
            before = f"{self.constant(self.key)} + " if is_pair else ""
            self.emit(indent, f"h = hash_of({before}{key}, 0, False)")
            return
        heads = self.constant(bucketing.pair_heads(self.key)) if is_pair else "text_heads"
        self.emit(indent, f"u = {key}.encode()")
        self.emit(indent, f"h = hash_of({heads}[len(u)] + u, 0, False)")


def _constant_ends(buckets: list[Any]) -> tuple[int, ...] | None:
    """Return where the parts of constant weights end; None when a weight is computed or none can be drawn."""
    weights = []
    for bucket in buckets:
        if not isinstance(bucket, list) or not 1 <= len(bucket) <= 2:
            return None
        weight = bucketing.weight_of(bucket[1]) if len(bucket) == 2 else 1
        if weight is None:
            return None
        weights.append(weight)
    return bucketing.thresholds(weights)
