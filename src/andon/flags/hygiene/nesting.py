"""Flags that are asked for inside a branch of another flag: joined so, two flags have four states.

A flag decides a place by a condition around it, by an operand before it, by a case, or by a way out before
it: `if`, `unless`, `?:`, `&&`, `||`, `switch`, `match`, `when`, `while`, `if let`, `return if`. A variable
that a flag was put into, and a function of the file that only hands a flag on, count as the flag. One file,
as what stands for a flag and what a flag decides are found by the same parts of the same nodes.
"""

from __future__ import annotations

from andon.flags.hygiene.constants import NAMED
from andon.flags.hygiene.uses import assigned
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.flags.hygiene.tree import Node
    from andon.flags.hygiene.uses import Reading

#: Operators whose right side only counts when the left one lets it.
_SHORT = ("&&", "||", "and", "or", "??", "?:")
#: What only passes on what is in it.
_PLAIN = (
    "await_expression", "await", "unary_expression", "prefix_unary_expression", "not_operator", "unary",
    "unary_op_expression", "prefix_expression", "parenthesized_expression", "parenthesized_statements",
    "try_expression", "field_expression", "navigation_expression", "navigation_suffix", "expression_list",
    "argument_list", "postfix_unary_expression",
)  # fmt: skip
#: Calls of one file that are looked at.
MOST_CALLS = 2_000
#: Functions of one file by which flags are followed; one level deep.
_MOST_FUNCTIONS = 2_000


class Nested(Record):
    """One flag inside of another's branch."""

    outer: str
    outer_line: int
    inner: str
    line: int
    #: By what the outer one decides: `if`, `&&`, `a way out before it`, ...
    how: str


class _Occurrence(Record):
    """A place at which a flag counts: its call, its variable, or a function that hands it on."""

    key: str
    node: Node
    line: int
    #: False for a call of a function that asks for the flag and answers something else.
    decides: bool = True


def nested_flags(reading: Reading) -> tuple[Nested, ...]:
    """Return every flag that is asked for where another one decides, each pair and line once."""
    if not reading.calls or len(reading.calls) > MOST_CALLS:
        return ()
    found = _Finder(reading).found()
    unique = {(one.outer, one.inner, one.line): one for one in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda one: (one.line, one.outer, one.inner)))


class _Finder:
    """One text being looked at."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.language = reading, reading.language
        self.by_node: dict[int, list[_Occurrence]] = {}
        #: By node, what was looked up for it before.
        self.inside: dict[int, list[_Occurrence]] = {}
        self.outs: dict[int, list[tuple[int, list[_Occurrence]]]] = {}
        self.cases: dict[int, list[Node]] = {}
        self.occurrences: list[_Occurrence] = []
        for call in reading.calls:
            if call.key or call.by:
                self._add(call.key or NAMED + call.by, call.node)
        self._through_functions()
        self._through_variables()
        self.inside.clear()  # more counts as a flag now

    def found(self) -> list[Nested]:
        made = []
        for inner in self.occurrences:
            for outer, how in self._deciding(inner.node):
                if outer.key != inner.key:
                    made.append(
                        Nested(
                            outer=outer.key,
                            outer_line=outer.line,
                            inner=inner.key,
                            line=inner.line,
                            how=how,
                        )
                    )
        return made

    def _add(self, key: str, node: Node, *, decides: bool = True) -> None:
        one = _Occurrence(key=key, node=node, line=self.reading.line(node.start), decides=decides)
        known = self.by_node.setdefault(id(node), [])
        if all(other.key != key for other in known):
            known.append(one)
            self.occurrences.append(one)

    # ---- what stands for a flag

    def _through_functions(self) -> None:
        """Let calls of a function of this file count as the flags it asks for, one level deep.

        Such a call is inside another flag's branch as the flag is; it decides only when it hands the flag on.
        """
        asked: dict[str, dict[str, bool]] = {}
        for call in self.occurrences:
            if name := self._holder(call.node):
                known = asked.setdefault(name, {})
                known[call.key] = known.get(call.key, False) or self._is_handed_on(call.node)
        if not asked or len(asked) > _MOST_FUNCTIONS:
            return
        for node in self.reading.root.each():
            if node.kind not in self.language.calls or id(node) in self.by_node:
                continue
            for key, hands_on in sorted(asked.get(self._called_name(node), {}).items()):
                self._add(key, node, decides=hands_on)

    def _holder(self, node: Node) -> str:
        """Return the name of the function around a node; "" outside of one with a name."""
        language = self.language
        for above, _ in node.above():
            if above.kind in language.functions:
                return self._function_name(above)
            if above.kind in language.lambdas and above.parent and above.parent.kind in language.assignments:
                parts = assigned(above.parent)
                return self._variable(parts[0]) if parts and parts[1] is above else ""
        return ""

    def _is_handed_on(self, node: Node) -> bool:
        """True when a function's answer is the flag's, or made of flags alone."""
        language = self.language
        for above, child in node.above():
            if above.kind in language.exits or above.kind in ("function_body", *language.lambdas):
                return True
            if above.kind in language.blocks:
                is_last = bool(above.parts) and above.parts[-1] is child
                return is_last and language.name in ("ruby", "rust") and not self._is_statement(child)
            if above.kind not in (*_PLAIN, *language.binaries, *language.calls):
                return False
        return False

    def _is_statement(self, node: Node) -> bool:
        return self.language.name == "rust" and node.kind == "expression_statement"

    def _function_name(self, node: Node) -> str:
        name = node.field("name")
        if name is None:
            name = next((part for part in node.parts if part.kind in ("simple_identifier", "name")), None)
        return self.reading.said(name) if name is not None else ""

    def _called_name(self, node: Node) -> str:
        """Return the name of a plain call, or of one at the object itself; "" for a call at anything else."""
        said = self.reading.text[node.start : min(node.end, node.start + 200)]
        head = said.split("(")[0].strip()
        for own in ("self.", "this.", "$this->", "self::", "Self::", "cls.", "this?.", "s.", "static::"):
            head = head.removeprefix(own)
        head = head.removesuffix("?") if self.language.name != "ruby" else head
        return head if head.replace("_", "a").rstrip("?!").isalnum() else ""

    def _through_variables(self) -> None:
        """Let a variable that only ever holds a flag's answer count as the flag, where it is tested."""
        language, reading = self.language, self.reading
        holding = {id(above) for one in self.occurrences for above, _ in one.node.above()}
        holding.update(id(one.node) for one in self.occurrences)
        held: dict[tuple[int, str], set[str] | None] = {}
        places: set[int] = set()
        for node in reading.root.each():
            if node.kind not in language.assignments:
                continue
            parts = assigned(node)
            if parts is None:
                continue
            name, value = parts
            keys = self._keys_of_value(value) if id(value) in holding else set()
            slot = (id(self._scope(node)), self._variable(name))
            places.add(id(name))
            # A name that holds something else at times says nothing about a flag.
            held[slot] = keys or None if slot not in held or held[slot] == keys else None
        if not any(held.values()):
            return
        names = {name for (_, name), keys in held.items() if keys}
        for node in reading.root.each():
            if node.kind not in language.names or id(node) in places:
                continue
            said = reading.said(node)
            if said not in names or not self._is_tested(node):
                continue
            for scope in self._scopes(node):
                if (id(scope), said) in held:
                    for key in sorted(held[id(scope), said] or ()):
                        self._add(key, node)
                    break

    def _variable(self, name: Node) -> str:
        return self.reading.said(name).split(":")[0].removeprefix("mut ").strip()

    def _keys_of_value(self, value: Node) -> set[str]:
        """Return the flags of which a value is made; nothing for one in which more is asked than flags."""
        found = {one.key for one in self._within(value)}
        if not found:
            return set()
        is_plain = value.kind in (*_PLAIN, *self.language.calls, *self.language.binaries)
        return found if is_plain else set()

    def _scope(self, node: Node) -> Node:
        for above, _ in node.above():
            if above.kind in self.language.functions or above.kind in self.language.lambdas:
                return above
        return self.reading.root

    def _scopes(self, node: Node) -> Iterator[Node]:
        for above, _ in node.above():
            if above.kind in self.language.functions or above.kind in self.language.lambdas:
                yield above
        yield self.reading.root

    def _is_tested(self, node: Node) -> bool:
        """True for a name in a condition, or beside `&&` and its like."""
        language = self.language
        for above, child in node.above():
            is_given = above.kind in language.calls and "arg" in child.kind
            if is_given or above.kind in language.lambdas:
                return False
            if above.kind in language.binaries and self._is_short(above):
                return True
            if self._guard(above) is child:
                return True
            if above.kind in language.cases and child in self._labels(above):
                return True
            if above.kind in language.blocks or above.kind in language.functions:
                return False
        return False

    # ---- what decides

    def _deciding(self, node: Node) -> Iterator[tuple[_Occurrence, str]]:
        """Yield the flags that decide whether a place is reached, with how, from the inside out."""
        language = self.language
        for above, child in node.above():
            kind = above.kind
            if kind in (*language.ifs, *language.ternaries, *language.loops, *language.elifs):
                yield from self._by_condition(above, child)
            elif kind in language.switches:
                guard = self._guard(above)
                if guard is not None and child is not guard:
                    yield from ((one, kind.split("_")[0]) for one in self._within(guard))
            elif kind in language.cases:
                labels = self._labels(above)
                if child not in labels:
                    for label in labels:
                        yield from ((one, "case") for one in self._within(label))
            elif kind in language.binaries and self._is_short(above):
                left = above.parts[0]
                if child is not left:
                    sign = self._sign(above)
                    yield from ((one, sign) for one in self._within(left))
            if kind in language.blocks:
                yield from self._ways_out(above, child)
            if kind in (
                "switch_body",
                "switch_block",
                "match_block",
                "when_expression",
                "case",
                "block",
                "expression_switch_statement",
            ):
                yield from self._earlier_cases(above, child)

    def _by_condition(self, above: Node, child: Node) -> Iterator[tuple[_Occurrence, str]]:
        guard = self._guard(above)
        how = above.kind.split("_")[0].replace("conditional", "?:").replace("ternary", "?:")
        if guard is None or child is guard or child is above.field("initializer"):
            return
        yield from ((one, how) for one in self._within(guard))
        for earlier in above.parts:
            if earlier is child:
                return
            if earlier.kind in self.language.elifs and (its := self._guard(earlier)) is not None:
                yield from ((one, "else if") for one in self._within(its))

    def _guard(self, node: Node) -> Node | None:
        """Return the part of a node by which it decides."""
        language, kind = self.language, node.kind
        if kind in language.switches:
            found = node.field("value", "subject", "condition")
            if found is None:
                parts = node.parts
                found = parts[0] if parts and parts[0].kind not in (*language.cases, "match_block") else None
            return found
        if kind not in (*language.ifs, *language.elifs, *language.ternaries, *language.loops):
            return None
        found = node.field("condition")
        if found is not None:
            return found
        parts = node.parts
        if kind == "conditional_expression" and language.name == "python":
            return parts[1] if len(parts) == 3 else None
        if kind == "for_statement" and language.name == "go":
            first = parts[0] if parts else None
            if first is not None and first.kind == "for_clause":
                return first.field("condition")
            return first if first is not None and first.kind not in ("range_clause", "block") else None
        return parts[0] if parts else None

    def _labels(self, case: Node) -> list[Node]:
        """Return the parts of a case by which it is chosen."""
        labels = ("switch_label", "when_condition", "case_pattern", "match_pattern", "pattern", "if_clause",
                  "match_condition_list", "when_clause", "constant_pattern")  # fmt: skip
        found = [part for part in case.parts if part.kind in labels]
        if not found and (value := case.field("value", "pattern")) is not None:
            found = [value]
        return found

    def _earlier_cases(self, above: Node, child: Node) -> Iterator[tuple[_Occurrence, str]]:
        """Yield the flags of the cases before one: it is only tried when none of them holds."""
        cases = self.cases.get(id(above))
        if cases is None:
            cases = [part for part in above.parts if part.kind in self.language.cases]
            self.cases[id(above)] = cases
        for earlier in cases:
            if earlier.start >= child.start:
                return
            for label in self._labels(earlier):
                yield from ((one, "case") for one in self._within(label))

    def _ways_out(self, block: Node, child: Node) -> Iterator[tuple[_Occurrence, str]]:
        """Yield the flags by which a statement before this one, in the same block, leaves it."""
        outs = self.outs.get(id(block))
        if outs is None:
            outs = self.outs[id(block)] = list(self._outs_of(block))
        for start, deciding in outs:
            if start >= child.start:
                return
            yield from ((one, "a way out before it") for one in deciding)

    def _outs_of(self, block: Node) -> Iterator[tuple[int, list[_Occurrence]]]:
        for earlier in block.parts:
            statement = earlier
            while statement.kind in ("expression_statement", "labeled_statement") and statement.parts:
                statement = statement.parts[0]
            guard = self._guard(statement) if statement.kind in self.language.ifs else None
            if guard is None:
                continue
            deciding = self._within(guard)
            if deciding and self._leaves(statement, guard):
                yield earlier.start, deciding

    def _leaves(self, statement: Node, guard: Node) -> bool:
        """True when one of an if's branches ends by leaving the block around it."""
        for part in statement.parts:
            if part is guard or part.kind == "short_var_declaration":
                continue
            if self._ends_outside(part):
                return True
        return False

    def _ends_outside(self, part: Node) -> bool:
        language = self.language
        if part.kind in language.exits or self._raises(part):
            return True
        parts = part.parts
        is_wrapped = part.kind in (
            *language.blocks, "expression_statement", "control_structure_body", "else_clause", "then",
            "else", "block",
        )  # fmt: skip
        return bool(parts) and is_wrapped and self._ends_outside(parts[-1])

    def _raises(self, node: Node) -> bool:
        said = self.reading.text[node.start : node.start + 12]
        if self.language.name == "ruby":
            return node.kind in ("call", "identifier") and said.split("(")[0].split()[0] in (
                "raise", "fail", "throw",
            )  # fmt: skip
        if self.language.name == "rust":
            return said.startswith(("panic!", "bail!"))
        return self.language.name == "go" and said.startswith("panic(")

    def _is_short(self, node: Node) -> bool:
        return self._sign(node) in _SHORT

    def _sign(self, node: Node) -> str:
        for child in node.children:
            if not child.named and self.reading.said(child) in _SHORT:
                return self.reading.said(child)
        return ""

    def _within(self, node: Node) -> list[_Occurrence]:
        """Return the flags in a condition, those in a function that is only handed on left out."""
        known = self.inside.get(id(node))
        if known is not None:
            return known
        found: list[_Occurrence] = []
        for below in node.each(stop=self.language.lambdas):
            if below.kind not in self.language.lambdas:
                found.extend(one for one in self.by_node.get(id(below), ()) if one.decides)
        self.inside[id(node)] = found
        return found
