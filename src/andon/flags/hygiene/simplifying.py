"""Taking out what can no longer happen once a flag is decided: branches, operands, variables, dead ends.

The flag's calls have become marks by then, words that nobody else uses, so that no condition of anybody
else's is ever simplified. What is not surely the same afterwards stays as it is, with the mark in it.
Expressions, branches and variables are in one file, because each pass takes the first kind that finds any.
"""

from __future__ import annotations

import re

from andon.flags.hygiene.splicing import Edit, applied, blank_after, body_of, whole_lines
from andon.flags.hygiene.tree import Node, read_tree
from andon.flags.hygiene.uses import assigned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.flags.hygiene.languages import Language

#: What stands for a decided flag: words that are names in every language.
YES, NO, SAID = "ANDON_FLAG_IS_ON_q7", "ANDON_FLAG_IS_OFF_q7", "ANDON_FLAG_SAYS_q7"
_MARK = re.compile(rf"[(\s]*({YES}|{NO})[)\s]*")
_NOT = re.compile(rf"(?:!|not\b)\s*\(*({YES}|{NO})\)*")
_EQUAL = re.compile(rf"({YES}|{NO}) ?(===?|!==?|is not|is) ?([Tt]rue|[Ff]alse)")
#: Passes over one text; each takes something away.
_MOST_PASSES = 300
_UNARY = (
    "not_operator", "unary_expression", "unary", "prefix_unary_expression", "unary_op_expression",
    "prefix_expression",
)  # fmt: skip
_COMPARED = (
    "comparison_operator", "equality_expression", "comparison_expression", "is_pattern_expression",
)  # fmt: skip
_PARENTHESES = ("parenthesized_expression", "parenthesized_statements")
#: What has to stay where it is although nothing reaches it.
_HOISTED = ("function_declaration", "labeled_statement", "class_declaration", "label", "type_declaration")


def simplified(text: str, language: Language, value: str | None = None) -> str:
    """Return the text without what the marks decide; `value` is the literal behind SAID, if there is one."""
    for _ in range(_MOST_PASSES):
        root = read_tree(text, language)
        if root is None:
            return text
        edits = list(_Pass(text, language, root, value).edits())
        if not edits:
            return text
        text = applied(text, edits)
    return text


def decided(said: str) -> bool | None:
    """Return what a condition comes to, None while it is open."""
    match = _MARK.fullmatch(said)
    return match[1] == YES if match else None


def opposite(mark: str) -> str:
    """Return the other mark."""
    return NO if mark == YES else YES


class _Pass:
    """One look at a text."""

    def __init__(self, text: str, language: Language, root: Node, value: str | None) -> None:
        self.text, self.language, self.root, self.value = text, language, root, value

    def said(self, node: Node | None) -> str:
        return self.text[node.start : node.end] if node is not None else ""

    def edits(self) -> Iterator[Edit]:
        """Yield the edits of the first kind that finds any: expressions, branches, variables, leftovers."""
        found = [edit for node in self.root.each() for edit in self._expressions(node)]
        if found:
            yield from found
            return
        # What belongs together is done together, and nothing else in the same pass.
        for find in (self._branches, self._variables, self._statements):
            for node in self.root.each():
                if found := list(find(node)):
                    yield from found
                    return

    # ---- expressions

    def _expressions(self, node: Node) -> Iterator[Edit]:
        language, kind = self.language, node.kind
        if kind in _UNARY and (match := _NOT.fullmatch(self.said(node))):
            yield Edit(start=node.start, end=node.end, text=opposite(match[1]))
        elif kind in _PARENTHESES and self._is_loose(node) and _MARK.fullmatch(self.said(node)):
            yield Edit(start=node.start, end=node.end, text=self.said(node).strip("() \n\t"))
        elif kind in language.binaries and len(node.parts) == 2 and self._is_joined(node):
            yield from self._joined(node)
        elif kind in (*language.binaries, *_COMPARED):
            yield from self._compared(node)
        elif kind in language.ternaries:
            yield from self._chosen(node)

    def _is_loose(self, node: Node) -> bool:
        """True for parentheses that the grammar does not ask for."""
        above = node.parent.kind if node.parent is not None else ""
        language = self.language
        return above not in (*language.ifs, *language.elifs, *language.loops, *language.switches)

    def _is_joined(self, node: Node) -> bool:
        return self._operator(node) in ("&&", "and", "||", "or")

    def _operator(self, node: Node) -> str:
        return next((self.said(c) for c in node.children if not c.named), "")

    def _joined(self, node: Node) -> Iterator[Edit]:
        left, right = node.parts
        decides = self._operator(node) in ("||", "or")  # the side that settles it
        for one, other in ((left, right), (right, left)):
            is_yes = decided(self.said(one))
            if is_yes is None:
                continue
            if is_yes is not decides:
                yield Edit(start=node.start, end=node.end, text=self.said(other))
            elif one is left or self._is_harmless(other):
                yield Edit(start=node.start, end=node.end, text=YES if is_yes else NO)
            return

    def _is_harmless(self, node: Node) -> bool:
        """True for what may be left out: it calls nothing and changes nothing."""
        kinds = (*self.language.calls, *self.language.assignments, "update_expression", "macro_invocation",
                 "object_creation_expression", "new_expression", "await_expression")  # fmt: skip
        return all(below.kind not in kinds for below in node.each())

    def _compared(self, node: Node) -> Iterator[Edit]:
        said = " ".join(self.said(node).split())
        if match := _EQUAL.fullmatch(said):
            same = (match[1] == YES) == (match[3].lower() == "true")
            is_yes = same is (match[2] in ("==", "===", "is"))
            yield Edit(start=node.start, end=node.end, text=YES if is_yes else NO)
        elif self.value is not None and SAID in said:
            match = re.fullmatch(rf"{SAID} ?(===?|!==?|[<>]=?) ?(.+)", said)
            holds = _holds(match[1], match[2], self.value) if match else None
            if holds is not None:
                yield Edit(start=node.start, end=node.end, text=YES if holds else NO)

    def _chosen(self, node: Node) -> Iterator[Edit]:
        parts = node.parts
        condition = node.field("condition")
        yes, no = node.field("consequence", "body"), node.field("alternative")
        if self.language.name == "python" and len(parts) == 3:
            yes, condition, no = parts
        if condition is None or yes is None or no is None:
            return
        is_yes = decided(self.said(condition))
        if is_yes is not None:
            yield Edit(start=node.start, end=node.end, text=self.said(yes if is_yes else no))

    # ---- branches

    def _branches(self, node: Node) -> Iterator[Edit]:
        language = self.language
        if node.kind in language.elifs:
            yield from self._else_if(node)
        if node.kind not in language.ifs or node.field("initializer") is not None:
            return
        condition = node.field("condition")
        is_yes = decided(self.said(condition)) if condition is not None else None
        if is_yes is None:
            return
        if "unless" in node.kind:
            is_yes = not is_yes
        if "modifier" in node.kind:
            body = node.field("body")
            yield from self._put(node, self.said(body) if is_yes else "", dead=is_yes and self._leaves(body))
            return
        parts = [part for part in node.parts if part is not condition]
        if not parts:
            return
        yes = parts[0]
        rest = parts[1:]
        if is_yes:
            yield from self._put_branch(node, yes)
        elif not rest:
            yield from self._put(node, "")
        elif rest[0].kind in language.elifs:
            said = self.text[rest[0].start : node.end]
            yield from self._put(node, re.sub(r"^(elif|elsif|elseif|else\s+if)\b", "if", said))
        else:
            yield from self._put_branch(node, rest[-1])

    def _else_if(self, node: Node) -> Iterator[Edit]:
        """Take out an `elif` that is decided: what follows a yes is gone, a no is gone itself."""
        condition = node.field("condition")
        is_yes = decided(self.said(condition)) if condition is not None else None
        above = node.parent
        if is_yes is None or above is None or condition is None:
            return
        if self.language.name == "ruby":  # what follows is inside of it
            rest = node.parts[2:] if len(node.parts) > 2 else []
            body = next((part for part in node.parts if part.kind == "then"), None)
            if is_yes:
                text = f"else{self.said(body).removeprefix('then')}" if body is not None else "else"
            else:
                text = self.said(rest[0]) if rest else ""
            start, end = (node.start, node.end) if text else whole_lines(self.text, node.start, node.end)
            yield Edit(start=start, end=end, text=text)
            return
        later = [part for part in above.parts if part.start >= node.end]
        if is_yes:
            end = later[-1].end if later else node.end
            head = self.text[condition.end : node.end]
            if self.language.name == "python":
                yield Edit(start=node.start, end=end, text="else" + head)
            else:
                yield Edit(start=node.start, end=end, text="else" + head.lstrip(")"))
            return
        start = node.start
        while start > 0 and self.text[start - 1] in " \t\r\n":
            start -= 1
        yield Edit(start=start, end=node.end, text="")

    def _put_branch(self, node: Node, branch: Node) -> Iterator[Edit]:
        """Put one branch in the place of the whole."""
        block = self._block(branch)
        above = node.parent
        if branch.kind in self.language.ifs or (block is not None and block.kind in self.language.ifs):
            yield from self._put(node, self.said(block or branch))
            return
        if self._is_else_if(node):
            text = self.said(block or branch)
            yield Edit(start=node.start, end=node.end, text=text)
            return
        if not self._is_statement(node):
            value = self._as_value(block or branch)
            if value is not None:
                yield Edit(start=node.start, end=node.end, text=value)
            return
        body = body_of(self.text, block or branch, self.language, self.root)
        if above is not None and self._clashes(node, block or branch):
            body = self.said(block or branch)
        yield from self._put(node, body, dead=self._leaves(block or branch))

    def _block(self, branch: Node) -> Node | None:
        """Return the block in a branch: what is behind `else`, or in a Kotlin body."""
        if branch.kind in ("else_clause", "control_structure_body") and branch.parts:
            first = branch.parts[0]
            if branch.kind == "control_structure_body" and self.said(branch).startswith("{"):
                return branch
            return first
        return None

    def _as_value(self, block: Node) -> str | None:
        """Return a branch as an expression; None for one that cannot be written so."""
        said = self.said(block).strip()
        if not said.startswith("{"):
            return said
        inner = said[1:-1].strip()
        if len([part for part in block.parts if "comment" not in part.kind]) == 1 and ";" not in inner:
            nested = block.parts[0]
            if nested.kind != "statements" or len(nested.parts) == 1:
                return inner
        return said if self.language.name == "rust" else None

    def _is_else_if(self, node: Node) -> bool:
        above = node.parent
        if above is None:
            return False
        if above.kind in ("else_clause", "control_structure_body") and above.parent is not None:
            return above.parent.kind in self.language.ifs and self.text[
                node.start - 6 : node.start
            ].rstrip().endswith("else")
        return above.kind in self.language.ifs and above.parts[0] is not node and self._is_alternative(node)

    def _is_alternative(self, node: Node) -> bool:
        return self.text[: node.start].rstrip().endswith("else")

    def _is_statement(self, node: Node) -> bool:
        above = node.parent
        if above is None:
            return True
        if above.kind == "expression_statement" and above.parent is not None:
            above = above.parent
            node = node.parent or node
        if above.kind not in self.language.blocks and above.kind != "control_structure_body":
            return False
        # The last expression of a block is its value, where blocks have one.
        is_last = bool(above.parts) and above.parts[-1] is node
        return not (self.language.name == "rust" and is_last and node.kind != "expression_statement")

    def _put(self, node: Node, text: str, *, dead: bool = False) -> Iterator[Edit]:
        """Put a text in the place of a statement, and take out what nothing reaches any more."""
        statement = node
        above = node.parent
        if above is not None and above.kind == "expression_statement":
            statement, above = above, above.parent
        siblings = above.parts if above is not None else []
        later = [part for part in siblings if part.start >= statement.end]
        is_block = above is not None and above.kind in self.language.blocks
        end = statement.end
        is_case = above is not None and above.kind in self.language.cases
        if dead and is_block and later and not is_case and all(p.kind not in _HOISTED for p in later):
            end = later[-1].end
        if text:
            yield Edit(start=statement.start, end=end, text=text)
            return
        if self._is_else_if(node):
            before = self.text[: node.start].rstrip().removesuffix("else").rstrip()
            yield Edit(start=len(before), end=statement.end, text="")
        elif not is_block:
            empty = "pass" if self.language.name == "python" else "{}"
            if self._is_statement(node) or (above is not None and above.kind in self.language.ifs):
                yield Edit(start=statement.start, end=statement.end, text=empty)
        elif self.language.name == "python" and len(siblings) == 1 and above and above.kind == "block":
            yield Edit(start=statement.start, end=statement.end, text="pass")
        else:
            start, end = whole_lines(self.text, statement.start, statement.end)
            yield Edit(start=start, end=end + blank_after(self.text, start, end), text="")

    def _leaves(self, block: Node | None) -> bool:
        """True when a branch ends by leaving."""
        if block is None:
            return False
        if block.kind in self.language.exits:
            return True
        inner = block.parts
        wraps = (*self.language.blocks, "expression_statement", "block", "control_structure_body", "then",
                 "else", "else_clause")  # fmt: skip
        return bool(inner) and block.kind in wraps and self._leaves(inner[-1])

    def _clashes(self, node: Node, block: Node) -> bool:
        """True when a name that is declared in a branch is used around it: then its braces stay."""
        if self.language.name in ("python", "ruby", "php", "kotlin") or not self.said(block).startswith("{"):
            return False
        declared = set()
        for below in block.each(stop=(*self.language.functions, *self.language.lambdas)):
            if below.kind in self.language.assignments and (parts := assigned(below)) is not None:
                declared.add(self.said(parts[0]))
        around = next((a for a, _ in node.above() if a.kind in self.language.functions), self.root)
        outside = self.text[around.start : node.start] + self.text[node.end : around.end]
        return any(re.search(rf"\b{re.escape(name)}\b", outside) for name in declared if name)

    # ---- variables

    def _variables(self, node: Node) -> Iterator[Edit]:
        """Put the mark in the place of a local variable that holds nothing else."""
        language = self.language
        if node.kind not in language.assignments or (parts := assigned(node)) is None:
            return
        name, value = parts
        if self.said(value) not in (YES, NO, SAID) or name.kind not in (*language.names, "identifier"):
            return
        scope = next((a for a, _ in node.above() if a.kind in (*language.functions, *language.lambdas)), None)
        statement = self._declaration(node)
        if scope is None or statement is None or "class" in scope.kind or "impl" in scope.kind:
            return
        said = self.said(name)
        reads = self._reads(scope, said, name)
        if reads is None:
            return
        if self.said(value) == SAID and any(
            self.text[read.end : read.end + 1] in (".", "?") for read in reads
        ):
            return  # `0.toString()` is nothing that parses: the variable stays
        for read in reads:
            yield Edit(start=read.start, end=read.end, text=self.said(value))
        start, end = whole_lines(self.text, statement.start, statement.end, with_remark=True)
        end += blank_after(self.text, start, end)
        siblings = statement.parent.parts if statement.parent is not None else []
        is_only = language.name == "python" and len(siblings) == 1
        if is_only:
            yield Edit(start=statement.start, end=statement.end, text="pass")
        else:
            yield Edit(start=start, end=end, text="")

    def _declaration(self, node: Node) -> Node | None:
        """Return the statement that only gives one name its value."""
        for above, child in node.above():
            if above.kind in self.language.blocks:
                return child
            if len([p for p in above.parts if p.kind in self.language.assignments]) > 1:
                return None
            if above.kind in (*self.language.ifs, *self.language.calls, *self.language.lambdas):
                return None
        return None

    def _reads(self, scope: Node, said: str, name: Node) -> list[Node] | None:
        """Return the places that read a name; None when not every place is surely one."""
        words = re.findall(rf"(?<![\w$]){re.escape(said)}(?![\w$])", self.text[scope.start : scope.end])
        nodes = [
            below
            for below in scope.each()
            if below.kind in self.language.names and self.said(below) == said and below is not name
        ]
        if self.language.name == "php":
            nodes = [node for node in nodes if node.kind == "variable_name"]
        if len(nodes) + 1 != len(words):
            return None  # in a comment, a text, a shorthand: a person has to look
        for below in nodes:
            before = self.text[max(below.start - 2, 0) : below.start]
            above = below.parent
            if before.endswith((".", "->", "::", "&", "*")) or above is None:
                return None
            if any(up.kind in self.language.strings for up, _ in below.above()):
                return None
            if above.kind in self.language.assignments and assigned(above) is not None:
                written = assigned(above)
                if written is not None and below.within(written[0]):
                    return None
            if any(word in above.kind for word in ("parameter", "global", "nonlocal", "pattern", "label",
                                                   "keyword_argument", "template", "update", "augmented",
                                                   "compound_assignment", "interpolat")):  # fmt: skip
                return None
        return nodes

    # ---- what is left

    def _statements(self, node: Node) -> Iterator[Edit]:
        """Take out a statement that only asked for the flag."""
        if node.kind == "expression_statement" and self.said(node).rstrip(";") in (YES, NO):
            yield from self._put(node, "")


def _holds(sign: str, said: str, literal: str) -> bool | None:
    """Return whether a literal compares so to a text in code; None for what is no plain literal."""
    if sign[0] in "=!":
        is_same = _same_literal(said, literal)
        return None if is_same is None else is_same is sign.startswith("=")
    if _same_literal(said, literal) is None or literal.startswith('"'):
        return None
    one, other = float(literal), float(said)
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]


def _same_literal(said: str, literal: str) -> bool | None:
    """Return whether a text in code is the same as a literal; None for what is no plain literal."""
    text = said.strip()
    if re.fullmatch(r"\"[^\"\\]*\"|'[^'\\]*'", text):
        return text[1:-1] == literal.strip('"') if literal.startswith('"') else None
    if re.fullmatch(r"-?\d+(?:\.\d+)?", text) and not literal.startswith('"'):
        return float(text) == float(literal)
    return None
