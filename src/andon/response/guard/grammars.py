"""Which languages are read by structure, and what their grammars call what counts."""

from __future__ import annotations

import re

from andon.record import Record


class Grammar(Record):
    """One language; the kinds of nodes are those of the bundled tree-sitter grammars."""

    #: Name of the language for the parser; a name it does not know would end the process, so none is made up.
    name: str
    functions: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    #: What names others and is no definition by itself: a namespace, `impl`, a module.
    scopes: tuple[str, ...] = ()
    comments: tuple[str, ...] = ("comment",)
    strings: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    #: Calls that may hold a test: `it("...", ...)`, `test "..." do`.
    calls: tuple[str, ...] = ()
    #: A definition is public when its head holds this; None when it is public unless `private` matches.
    public: str | None = None
    private: str = r"(?!)"


_TYPED = (
    "class_declaration", "abstract_class_declaration", "interface_declaration", "type_alias_declaration",
    "enum_declaration",
)  # fmt: skip


def _script(name: str, classes: tuple[str, ...]) -> Grammar:
    """Return the grammar of a language of the family of JavaScript."""
    return Grammar(
        name=name,
        functions=(
            "function_declaration", "generator_function_declaration", "method_definition",
            "variable_declarator",
        ),
        classes=classes,
        strings=("string", "template_string", "regex"),
        imports=("import_statement",),
        calls=("call_expression",),
        private=r"\bprivate\b|#",
    )  # fmt: skip


_GRAMMARS = (
    Grammar(
        name="python",
        functions=("function_definition",),
        classes=("class_definition",),
        strings=("string",),
        imports=("import_statement", "import_from_statement", "future_import_statement"),
    ),
    _script("javascript", ("class_declaration",)),
    _script("typescript", _TYPED),
    _script("tsx", _TYPED),
    Grammar(
        name="go",
        functions=("function_declaration", "method_declaration"),
        classes=("type_spec",),
        strings=("interpreted_string_literal", "raw_string_literal"),
        imports=("import_declaration",),
    ),
    Grammar(
        name="ruby",
        functions=("method", "singleton_method"),
        classes=("class", "module"),
        strings=("string", "regex", "heredoc_body"),
        calls=("call",),
    ),
    Grammar(
        name="java",
        functions=("method_declaration", "constructor_declaration"),
        classes=(
            "class_declaration", "interface_declaration", "enum_declaration", "record_declaration",
            "annotation_type_declaration",
        ),
        comments=("line_comment", "block_comment"),
        strings=("string_literal",),
        imports=("import_declaration",),
        public=r"\b(public|protected)\b",
    ),
    Grammar(
        name="kotlin",
        functions=("function_declaration",),
        classes=("class_declaration", "object_declaration"),
        comments=("line_comment", "multiline_comment"),
        strings=("string_literal",),
        imports=("import_header",),
        private=r"\b(private|internal|protected)\b",
    ),
    Grammar(
        name="php",
        functions=("function_definition", "method_declaration"),
        classes=("class_declaration", "interface_declaration", "trait_declaration", "enum_declaration"),
        strings=("string", "encapsed_string"),
        imports=("namespace_use_declaration",),
        calls=("function_call_expression",),
        private=r"\b(private|protected)\b",
    ),
    Grammar(
        name="rust",
        functions=("function_item",),
        classes=("struct_item", "enum_item", "trait_item"),
        scopes=("impl_item", "mod_item"),
        comments=("line_comment", "block_comment"),
        strings=("string_literal", "raw_string_literal"),
        imports=("use_declaration",),
        public=r"\bpub\s+(?!\()",
    ),
    Grammar(
        name="csharp",
        functions=("method_declaration", "constructor_declaration", "local_function_statement"),
        classes=(
            "class_declaration", "struct_declaration", "interface_declaration", "enum_declaration",
            "record_declaration",
        ),
        scopes=("namespace_declaration",),
        strings=("string_literal", "verbatim_string_literal", "raw_string_literal"),
        imports=("using_directive",),
        public=r"\b(public|protected)\b",
    ),
    Grammar(name="elixir", strings=("string", "sigil"), calls=("call",)),
    Grammar(
        name="scala",
        functions=("function_definition",),
        classes=("class_definition", "object_definition", "trait_definition"),
        comments=("comment", "block_comment"),
        strings=("string",),
        imports=("import_declaration",),
        calls=("call_expression",),
        private=r"\b(private|protected)\b",
    ),
    Grammar(
        name="swift",
        functions=("function_declaration",),
        classes=("class_declaration", "protocol_declaration"),
        comments=("comment", "multiline_comment"),
        strings=("line_string_literal",),
        imports=("import_declaration",),
        private=r"\b(private|fileprivate)\b",
    ),
    Grammar(
        name="bash", functions=("function_definition",), strings=("string", "raw_string", "heredoc_body")
    ),
    Grammar(
        name="c",
        functions=("function_definition",),
        classes=("struct_specifier", "enum_specifier"),
        strings=("string_literal",),
        imports=("preproc_include",),
        private=r"\bstatic\b",
    ),
    Grammar(
        name="cpp",
        functions=("function_definition",),
        classes=("class_specifier", "struct_specifier", "enum_specifier"),
        scopes=("namespace_definition",),
        strings=("string_literal", "raw_string_literal"),
        imports=("preproc_include", "using_declaration"),
        private=r"\bstatic\b",
    ),
    Grammar(
        name="lua", functions=("function_declaration",), strings=("string",), private=r"\blocal\b"
    ),
)  # fmt: skip
GRAMMARS = {grammar.name: grammar for grammar in _GRAMMARS}

_ENDINGS = {
    "python": "py pyi pyw",
    "javascript": "js mjs cjs jsx",
    "typescript": "ts mts cts",
    "tsx": "tsx",
    "go": "go",
    "ruby": "rb rake gemspec ru",
    "java": "java",
    "kotlin": "kt kts",
    "php": "php phtml",
    "rust": "rs",
    "csharp": "cs",
    "elixir": "ex exs",
    "scala": "scala sc",
    "swift": "swift",
    "bash": "sh bash bats",
    "c": "c h",
    "cpp": "cc cpp cxx hh hpp hxx",
    "lua": "lua",
}
_BY_ENDING = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}
_BY_NAME = {"rakefile": "ruby", "gemfile": "ruby", "guardfile": "ruby"}
_SHEBANG = re.compile(r"#![^\n]{0,80}?(python|ruby|node|bash|/sh|env sh)(?=[\d.\s]|$)")
_BY_SHEBANG = {
    "python": "python", "ruby": "ruby", "node": "javascript", "bash": "bash", "/sh": "bash", "env sh": "bash",
}  # fmt: skip


def language_of(path: str, text: str = "") -> str:
    """Return the language a file is read in, by its ending, name or first line; "" for none that is known."""
    name = path.rpartition("/")[2].lower()
    stem, dot, ending = name.rpartition(".")
    if dot and stem:
        return _BY_ENDING.get(ending, "")
    if name in _BY_NAME:
        return _BY_NAME[name]
    shebang = _SHEBANG.match(text[:200])
    return _BY_SHEBANG[shebang[1]] if shebang else ""
