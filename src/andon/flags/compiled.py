"""Code that was made of a rule, and the functions it is bound to; a rule's constants come by name."""

from __future__ import annotations

from types import CellType, FunctionType

from andon.flags import bucketing, operators
from andon.flags.bucketing import Heads
from andon.flags.versions import sem_ver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType
    from typing import Any, TypeAlias

    #: Takes the context and the caller's default.
    Evaluate: TypeAlias = Callable[[Any, Any], Any]

#: What generated code may use beside its constants.
_NAMES: dict[str, Any] = {
    "__builtins__": {},
    "EMPTY": {},
    "AttributeError": AttributeError,
    "TypeError": TypeError,
    "type": type,
    "str": str,
    "int": int,
    "len": len,
    "truthy": operators.truthy,
    "dig": operators.dig,
    "look": operators.look,
    "missing": operators.missing,
    "missing_some": operators.missing_some,
    "strict_equal": operators.strict_equal,
    "loose_equal": operators.loose_equal,
    "less": operators.less,
    "less_equal": operators.less_equal,
    "contains": operators.contains,
    "starts_with": operators.starts_with,
    "ends_with": operators.ends_with,
    "sem_ver": sem_ver,
    "add": operators.add,
    "multiply": operators.multiply,
    "subtract": operators.subtract,
    "divide": operators.divide,
    "remainder": operators.remainder,
    "largest": operators.largest,
    "smallest": operators.smallest,
    "join": operators.join,
    "substring": operators.substring,
    "merge": operators.merge,
    "mapped": operators.mapped,
    "filtered": operators.filtered,
    "reduced": operators.reduced,
    "every": operators.every,
    "some": operators.some,
    "hash_of": bucketing.hash_of,
    "pick": bucketing.pick,
    "draw": bucketing.draw,
    "text_heads": Heads(),
}
_CODES: dict[str, CodeType] = {}
#: How many functions' codes are kept: flags of one shape share theirs.
_KEPT_CODES = 512


class Compiled:
    """A rule's code with its constants; `exits` are the variants it can come to (None: the default)."""

    __slots__ = ("careful", "code", "constants", "exits")

    def __init__(
        self,
        code: CodeType,
        constants: dict[str, Any],
        exits: tuple[str | None, ...],
        careful: Callable[[], Compiled] | None,
    ) -> None:
        self.code = code
        self.constants = constants
        self.exits = exits
        #: Makes the code for values of unexpected types, where this code takes types for granted.
        self.careful = careful

    def bind(
        self,
        counters: Callable[[str | None], CellType],
        made: Mapping[str | None, Any],
        more: Mapping[str, Any],
    ) -> Evaluate:
        """Return the function over counters and what is returned for each exit.

        `more` has `fallback`, which makes an answer of the caller's default, and `tail`, which takes a result
        that was not known before.
        """
        names = {**_NAMES, **self.constants, **more}
        for place, name in enumerate(self.exits):
            names[f"V{place}"] = made.get(name)
        if self.careful is not None:
            compiled = self.careful
            known: list[Evaluate] = []

            def careful(context: Any, default: Any) -> Any:
                if not known:
                    known.append(compiled().bind(counters, made, more))
                return known[0](context, default)

            names["careful"] = careful
        # A count is a variable of the function that other functions share: adding to one is quickest there.
        cells = tuple(counters(self.exits[int(name[1:])]) for name in self.code.co_freevars)
        return FunctionType(self.code, names, "evaluate", None, cells)


def code_of(source: str) -> CodeType:
    """Compile the source of one function in another; raises SyntaxError, RecursionError or MemoryError."""
    code = _CODES.get(source)
    if code is None:
        if len(_CODES) >= _KEPT_CODES:
            _CODES.clear()
        module = compile(source, "<flag>", "exec", dont_inherit=True, optimize=2)
        code = _CODES[source] = _inner(_inner(module))
    return code


def _inner(code: CodeType) -> CodeType:
    """Return the code of the one function that is made in some code."""
    return next(part for part in code.co_consts if hasattr(part, "co_code"))  # type: ignore[no-any-return]
