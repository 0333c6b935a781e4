"""What a text holds, in every language that is read; whatever the bytes are, nothing is raised."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.response.guard.grammars import GRAMMARS, language_of
from andon.response.guard.structure import MOST_CHARACTERS, SymbolKind, enclosing, read_structure
from tests.unit.response.guard.edits import edit, judged

#: Path, text, and each symbol as `name` when it is public and `-name` when it is not.
TEXTS = [
    (
        "a.py",
        "class A:\n    def m(self): ...\n    def _p(self): ...\ndef f():\n    def inner(): ...\n",
        ["A", "A.m", "-A._p", "f", "-f.inner"],
    ),
    ("a.py", "@app.route('/x')\ndef f():\n    pass\n", ["f"]),
    (
        "a.js",
        "export function f() {}\nconst g = () => {};\nclass A { m() {} #p() {} }\nmodule.exports = { A };\n",
        ["f", "-g", "A", "A.m", "-A.#p"],
    ),
    (
        "a.ts",
        "export interface I { x: number }\nexport class A { private m() {} n() {} }\n",
        ["I", "A", "-A.m", "A.n"],
    ),
    ("a.tsx", "export const C = () => <p/>;\nfunction local() {}\n", ["C", "-local"]),
    (
        "a.go",
        "package a\nfunc F() {}\nfunc g() {}\ntype T struct{}\nfunc (t *T) M() {}\n",
        ["F", "-g", "T", "T.M"],
    ),
    (
        "a.rb",
        "class A\n  def m; end\n  private\n  def n; end\nend\nclass B\n  def o; end\nend\n",
        ["A", "A.m", "-A.n", "B", "B.o"],
    ),
    ("A.java", "public class A { public void m() {} private int n() { return 1; } }\n", ["A", "A.m", "-A.n"]),
    ("A.java", "interface I { void m(); }\n", ["-I", "-I.m"]),
    ("a.kt", "class A { fun m() {}\n private fun n() {} }\nfun f() {}\n", ["A", "A.m", "-A.n", "f"]),
    ("a.php", "<?php class A { public function m() {} private function n() {} }\n", ["A", "A.m", "-A.n"]),
    (
        "a.rs",
        "pub fn f() {}\nfn g() {}\npub struct S;\nimpl S { pub fn m(&self) {} }\n",
        ["f", "-g", "S", "-S", "S.m"],
    ),
    ("a.cs", "public class A { public void M() {} private int n() { return 1; } }\n", ["A", "A.M", "-A.n"]),
    ("a.ex", "defmodule A do\n  def f(x), do: x\n  defp g(y), do: y\nend\n", ["A", "A.f", "-A.g"]),
    (
        "a.scala",
        "class A { def m = 1\n private def n = 2 }\nobject O { def z = 1 }\n",
        ["A", "A.m", "-A.n", "O", "O.z"],
    ),
    ("a.swift", "public class A { func m() {}\n private func n() {} }\n", ["A", "A.m", "-A.n"]),
    ("a.sh", "f() { echo; }\n_g() { echo; }\n", ["f", "-_g"]),
    ("a.c", "int f(int a) { return 1; }\nstatic int g() { return 2; }\n", ["f", "-g"]),
    ("a.cc", "class A { void m() {} };\nnamespace n { int h() { return 1; } }\n", ["A", "A.m", "n", "n.h"]),
    ("a.lua", "function f() end\nlocal function g() end\n", ["f", "-g"]),
]


@pytest.mark.parametrize(("path", "text", "expected"), TEXTS)
def test_symbols_with_their_names_and_who_sees_them(path: str, text: str, expected: list[str]) -> None:
    structure = read_structure(path, text)
    assert structure.unread == ""
    assert [("" if s.is_public else "-") + s.qualified for s in structure.symbols] == expected


ENDINGS_READ = (
    "py", "js", "ts", "tsx", "go", "rb", "java", "kt", "php", "rs", "cs", "ex", "scala", "swift", "sh", "c",
    "cc", "lua",
)  # fmt: skip


@pytest.mark.parametrize("language", sorted(GRAMMARS))
def test_every_grammar_is_known_to_the_parser(language: str) -> None:
    ending = next(e for e in ENDINGS_READ if language_of(f"a.{e}") == language)
    assert read_structure(f"a.{ending}", "x").language == language


def test_the_innermost_symbol_holds_a_line() -> None:
    structure = read_structure("a.py", "class A:\n    @p\n    def m(self):\n        return 1\n\nx = 1\n")
    inner = enclosing(structure.symbols, 2)
    assert inner is not None and inner.qualified == "A.m" and inner.kind is SymbolKind.METHOD
    assert enclosing(structure.symbols, 6) is None


def test_comments_docstrings_and_literals_are_told_from_code() -> None:
    text = 'def f():\n    "doc"\n    x = "a"  # b\n'
    structure = read_structure("a.py", text)
    assert structure.is_comment(text.index("doc")) and structure.is_comment(text.index("# b"))
    assert not structure.is_comment(text.index('"a"')) and not structure.is_code(text.index('"a"') + 1)
    assert structure.is_code(text.index("x ="))


def test_offsets_count_characters_whatever_their_width() -> None:
    text = "é = 'ü'\n\n\ndef größe():\n    pass\n"
    (symbol,) = read_structure("a.py", text).symbols
    assert text[symbol.start :].startswith("def größe") and (symbol.line, symbol.end_line) == (4, 5)


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("a.xyz", "x", "language is not known"),
        ("a.toml", "x = 1\n", "language is not known"),
        ("Dockerfile", "FROM x\n", "language is not known"),
        ("a.py", "a\0b", "not a text"),
        ("a.py", "\ud800", "not a text"),
        ("a.py", "x\n" * MOST_CHARACTERS, "longer than"),
        ("a.js", "x" * 30_000, "a line of more than"),
        ("a.py", None, "not there"),
    ],
)
def test_what_cannot_be_read_says_why(path: str, text: str | None, why: str) -> None:
    structure = read_structure(path, text)
    assert why in structure.unread and not structure.symbols


def test_a_script_is_known_by_its_first_line() -> None:
    assert read_structure("bin/run", "#!/usr/bin/env python3\ndef f(): ...\n").symbols
    assert language_of("Rakefile") == "ruby" and language_of("bin/run", "#!/bin/sh\n") == "bash"


ENDINGS = st.sampled_from(
    ["py", "js", "tsx", "go", "rb", "java", "rs", "ex", "php", "cc", "sh", "toml", "json", "yml", "xyz"]
)
PLACES = st.sampled_from(
    ["a.", "tests/test_a.", "a_test.", "db/migrate/1_a.", "package.", ".github/workflows/a.", "flags."]
)
#: Pieces of programs, well and badly put together.
PIECES = st.lists(
    st.sampled_from(
        ["def ", "class A", "(", ")", "{", "}", ":", "\n", "    ", '"""', "'", "# x", "//", "assert x", "it('a', () => {", "@",  # noqa: E501
         "import a", "test_a", "= ", "skip", "é", "\t", "\r\n", "\x0c", "end", "func ", ",", "\\", "`", "\u2028", "A_B = True"]  # noqa: E501
    ),
    max_size=40,
).map("".join)  # fmt: skip
TEXT = st.one_of(st.none(), PIECES, st.text(max_size=80))


@given(PLACES, ENDINGS, TEXT, TEXT)
@settings(max_examples=100, deadline=None)
def test_no_text_makes_the_guard_raise(
    place: str, ending: str, before: str | None, after: str | None
) -> None:
    results = judged(edit(place + ending, before, after))
    assert set(results) >= {"minimal", "no-feature", "no-refactoring", "tests-kept"}
    for result in results.values():
        assert result.evidence
        assert all(o.rule == result.rule and o.text for o in result.objections)


@given(st.binary(max_size=200), ENDINGS)
@settings(max_examples=50, deadline=None)
def test_no_bytes_make_the_guard_raise(raw: bytes, ending: str) -> None:
    for text in (
        raw.decode("utf-8", "backslashreplace"),
        raw.decode("utf-8", "surrogateescape"),
        raw.decode("latin-1"),
    ):
        judged(edit(f"src/a.{ending}", "x = 1\n", text))
        judged(edit(f"tests/test_a.{ending}", text, "x = 1\n"))
