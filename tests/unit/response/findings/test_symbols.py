"""What a line stands in, in the languages whose structure is read."""

from __future__ import annotations

import pytest

from andon.response.findings.symbols import LANGUAGES, LARGEST, Symbols

SAMPLES = {
    "a.py": ("class A:\n  @x\n  async def f(self):\n    def g():\n      return 1\n", 5, "A.f.g"),
    "a.js": ("class K {\n m() {\n  return 1\n }\n}", 3, "K.m"),
    "b.js": ("const f = (x) => {\n  return eval(x)\n}\nconst n = 1\n", 2, "f"),
    "a.ts": ("function f(x: number) {\n  return x\n}", 2, "f"),
    "a.tsx": ("export const V = () => {\n  return <b>{1}</b>\n}", 2, "V"),
    "a.go": ("package m\nfunc (t *T) Foo() int {\n return 1\n}\n", 3, "Foo"),
    "a.kt": ("class A {\n fun f() {\n  x()\n }\n}", 3, "A.f"),
    "a.rb": ("class A\n def f\n  1\n end\nend", 3, "A.f"),
    "a.java": ("class A {\n void f() {\n  x();\n }\n}", 3, "A.f"),
    "a.rs": ("impl A {\n fn f() {\n  x()\n }\n}", 3, "A.f"),
    "a.cs": ("class A {\n void F() {\n  x();\n }\n}", 3, "A.F"),
    "a.php": ("<?php class A {\n function f() {\n  x();\n }\n}", 3, "A.f"),
}


@pytest.mark.parametrize("path", SAMPLES)
def test_a_line_is_inside_what_is_named(path: str) -> None:
    text, line, symbol = SAMPLES[path]
    assert Symbols({path: text}).around(path, line) == symbol


@pytest.mark.parametrize("ending", sorted({*LANGUAGES, "txt", "sql", "", "PY"}))
def test_broken_code_in_any_language_is_no_failure(ending: str) -> None:
    path = f"x.{ending}"
    assert isinstance(Symbols({path: "def class {{{ \0 \udcff ((( é"}).around(path, 1), str)


def test_what_is_not_there_or_too_large_has_no_symbols() -> None:
    symbols = Symbols({"big.py": "def f():\n" + "    x = 1\n" * (LARGEST // 8)})
    assert symbols.around("big.py", 2) == ""
    assert symbols.around("none.py", 2) == ""
    assert symbols.lines("none.py") == ()
