"""The nine languages in which flags are looked for, and what their grammars call a branch, a call, a name."""

from __future__ import annotations

from andon.record import Record


class Language(Record):
    """One language; the kinds of nodes are those of the bundled tree-sitter grammars."""

    #: Name of the language for the parser.
    name: str
    calls: tuple[str, ...]
    #: Nodes that decide by a condition, and what they decide lies beside it.
    ifs: tuple[str, ...]
    #: Parts of an `if` with a condition of their own, when they are no `if` themselves.
    elifs: tuple[str, ...] = ()
    ternaries: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    binaries: tuple[str, ...] = ("binary_expression",)
    #: Nodes whose children are statements that follow one another.
    blocks: tuple[str, ...] = ()
    #: What leaves a block: nothing after it runs.
    exits: tuple[str, ...] = ()
    #: Definitions with a name; nothing outside of them guards what is in them.
    functions: tuple[str, ...] = ()
    lambdas: tuple[str, ...] = ()
    #: Nodes that give a name a value.
    assignments: tuple[str, ...] = ()
    names: tuple[str, ...] = ("identifier",)
    strings: tuple[str, ...] = ("string",)
    #: Within a string: a part that is computed.
    computed: tuple[str, ...] = ()
    true: str = "true"
    false: str = "false"


def _script(name: str) -> Language:
    return Language(
        name=name,
        calls=("call_expression",),
        ifs=("if_statement",),
        ternaries=("ternary_expression",),
        loops=("while_statement", "do_statement", "for_statement"),
        switches=("switch_statement",),
        cases=("switch_case",),
        blocks=("program", "statement_block", "switch_case", "switch_default"),
        exits=("return_statement", "throw_statement", "continue_statement", "break_statement"),
        functions=(
            "function_declaration", "generator_function_declaration", "method_definition", "class_body",
        ),
        lambdas=("arrow_function", "function_expression", "function"),
        assignments=("variable_declarator", "assignment_expression"),
        names=("identifier",),
        strings=("string", "template_string"),
        computed=("template_substitution",),
    )  # fmt: skip


_LANGUAGES = (
    Language(
        name="python",
        calls=("call",),
        ifs=("if_statement",),
        elifs=("elif_clause",),
        ternaries=("conditional_expression",),
        loops=("while_statement",),
        switches=("match_statement",),
        cases=("case_clause",),
        binaries=("boolean_operator",),
        blocks=("module", "block"),
        exits=("return_statement", "raise_statement", "continue_statement", "break_statement"),
        functions=("function_definition", "class_definition"),
        lambdas=("lambda",),
        assignments=("assignment", "named_expression"),
        computed=("interpolation",),
        true="True",
        false="False",
    ),
    _script("javascript"),
    _script("typescript"),
    _script("tsx"),
    Language(
        name="go",
        calls=("call_expression",),
        ifs=("if_statement",),
        loops=("for_statement",),
        switches=("expression_switch_statement",),
        cases=("expression_case",),
        blocks=("statement_list",),
        exits=("return_statement", "continue_statement", "break_statement", "goto_statement"),
        functions=("function_declaration", "method_declaration"),
        lambdas=("func_literal",),
        assignments=("short_var_declaration", "assignment_statement", "var_spec", "const_spec"),
        strings=("interpreted_string_literal", "raw_string_literal"),
    ),
    Language(
        name="java",
        calls=("method_invocation",),
        ifs=("if_statement",),
        ternaries=("ternary_expression",),
        loops=("while_statement", "do_statement", "for_statement"),
        switches=("switch_expression",),
        cases=("switch_block_statement_group", "switch_rule"),
        blocks=("block", "switch_block_statement_group", "constructor_body"),
        exits=("return_statement", "throw_statement", "continue_statement", "break_statement"),
        functions=("method_declaration", "constructor_declaration", "class_declaration"),
        lambdas=("lambda_expression",),
        assignments=("variable_declarator", "assignment_expression"),
        strings=("string_literal",),
    ),
    Language(
        name="ruby",
        calls=("call",),
        ifs=("if", "unless", "if_modifier", "unless_modifier"),
        elifs=("elsif",),
        ternaries=("conditional",),
        loops=("while", "until", "while_modifier", "until_modifier"),
        switches=("case",),
        cases=("when",),
        binaries=("binary",),
        blocks=("program", "body_statement", "then", "else", "do", "block_body", "begin"),
        exits=("return", "next", "break"),
        functions=("method", "singleton_method", "class", "module"),
        lambdas=("lambda", "block", "do_block"),
        assignments=("assignment", "operator_assignment"),
        names=("identifier", "constant", "instance_variable"),
        strings=("string", "simple_symbol"),
        computed=("interpolation",),
    ),
    Language(
        name="csharp",
        calls=("invocation_expression",),
        ifs=("if_statement",),
        ternaries=("conditional_expression",),
        loops=("while_statement", "do_statement", "for_statement"),
        switches=("switch_statement", "switch_expression"),
        cases=("switch_section", "switch_expression_arm"),
        blocks=("block", "compilation_unit", "switch_section"),
        exits=(
            "return_statement", "throw_statement", "continue_statement", "break_statement", "yield_statement",
        ),
        functions=(
            "method_declaration", "constructor_declaration", "local_function_statement", "class_declaration",
        ),
        lambdas=("lambda_expression", "anonymous_method_expression"),
        assignments=("variable_declarator", "assignment_expression"),
        strings=("string_literal", "verbatim_string_literal", "raw_string_literal"),
        computed=("interpolation",),
    ),
    Language(
        name="php",
        calls=("function_call_expression", "member_call_expression", "scoped_call_expression",
               "nullsafe_member_call_expression"),
        ifs=("if_statement",),
        elifs=("else_if_clause",),
        ternaries=("conditional_expression",),
        loops=("while_statement", "do_statement", "for_statement"),
        switches=("switch_statement", "match_expression"),
        cases=("case_statement", "match_conditional_expression"),
        blocks=("program", "compound_statement", "case_statement", "default_statement", "colon_block"),
        exits=("return_statement", "throw_expression", "continue_statement", "break_statement",
               "exit_statement"),
        functions=("function_definition", "method_declaration", "class_declaration"),
        lambdas=("anonymous_function", "anonymous_function_creation_expression", "arrow_function"),
        assignments=("assignment_expression", "const_element"),
        names=("variable_name", "name"),
        strings=("string", "encapsed_string"),
        computed=("variable_name", "member_access_expression", "subscript_expression"),
    ),
    Language(
        name="kotlin",
        calls=("call_expression",),
        ifs=("if_expression",),
        loops=("while_statement", "do_while_statement"),
        switches=("when_expression",),
        cases=("when_entry",),
        binaries=("conjunction_expression", "disjunction_expression", "elvis_expression"),
        blocks=("statements", "source_file"),
        exits=("jump_expression",),
        functions=("function_declaration", "class_declaration", "object_declaration"),
        lambdas=("lambda_literal", "anonymous_function"),
        assignments=("property_declaration", "assignment"),
        names=("simple_identifier",),
        strings=("string_literal",),
        computed=("interpolated_identifier", "interpolated_expression"),
    ),
    Language(
        name="rust",
        calls=("call_expression",),
        ifs=("if_expression",),
        loops=("while_expression",),
        switches=("match_expression",),
        cases=("match_arm",),
        blocks=("block", "source_file"),
        exits=("return_expression", "continue_expression", "break_expression"),
        functions=("function_item", "impl_item", "mod_item"),
        lambdas=("closure_expression", "async_block"),
        assignments=("let_declaration", "assignment_expression", "const_item", "static_item"),
        strings=("string_literal", "raw_string_literal"),
    ),
)  # fmt: skip
LANGUAGES = {language.name: language for language in _LANGUAGES}

_ENDINGS = {
    "python": "py pyi pyw", "javascript": "js mjs cjs jsx", "typescript": "ts mts cts", "tsx": "tsx",
    "go": "go", "java": "java", "ruby": "rb rake", "csharp": "cs", "php": "php phtml",
    "kotlin": "kt kts", "rust": "rs",
}  # fmt: skip
_BY_ENDING = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}


def language_of(path: str) -> Language | None:
    """Return the language of a file by its ending; None for one that is not read by structure."""
    return LANGUAGES.get(_BY_ENDING.get(path.rpartition(".")[2].lower(), ""))
