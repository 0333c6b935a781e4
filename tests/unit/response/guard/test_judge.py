"""The rules about size, features and tidying: for each an example that blocks and one that passes."""

from __future__ import annotations

from time import process_time

import pytest

from andon.incident.words import Verdict
from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.gates.results import RuleResult
from andon.response.guard.context import IncidentContext
from andon.response.guard.judge import Budget, judge_fix
from tests.unit.response.guard.edits import edit, judged

PY = """import os


class Cart:
    \"\"\"Holds prices.\"\"\"

    def total(self):
        return sum(self.prices)

    def tax(self):
        net = self.total()
        rate = 19
        return net * rate


def discount(cart):
    if cart.total() > 100:
        return 10
    return 0
"""
JS = "export function total(prices) {\n  return prices.reduce((a, b) => a + b, 0);\n}\n"
GO = "package cart\n\nfunc Total(a int) int {\n\treturn a\n}\n"
RB = "class Cart\n  def total\n    @prices.sum\n  end\nend\n"
JAVA = "public class Cart {\n    public int total() {\n        return sum;\n    }\n}\n"
RS = "pub fn total(a: u32) -> u32 {\n    a\n}\n"
FIX = (PY, PY.replace("net * rate", "net * rate / 100"))

FEATURES = [
    ("src/cart.py", PY, PY + "\n\ndef export(cart):\n    return cart\n", "new public function `export`"),
    ("src/cart.py", PY, PY + "\n\nclass Order:\n    pass\n", "new public class `Order`"),
    ("src/cart.py", PY, PY.replace("    def tax", "    def gross(self):\n        return 1\n\n    def tax"), "new public method"),  # noqa: E501
    ("src/cart.py", PY, PY.replace("def total(self)", "def total(self, currency='EUR')"), "takes `currency` now"),  # noqa: E501
    ("src/cart.py", PY, PY.replace("return 10", "return int(os.environ['SHOP_DISCOUNT'])"), "new setting `SHOP_DISCOUNT`"),  # noqa: E501
    ("shop/settings.py", "A_B = 1\n", "A_B = 1\nMAX_ITEMS = 3\n", "new setting `MAX_ITEMS`"),
    ("src/web.py", "app = 1\n", "app = 1\n\n@app.route('/x')\ndef _x():\n    return 1\n", "new route"),
    ("shop/urls.py", "urlpatterns = [\n]\n", "urlpatterns = [\n    path('x/', x),\n]\n", "new route"),
    ("src/cli.py", "p = 1\n", "p = 1\np.add_argument('--fast')\n", "new option"),
    ("src/cli.py", "p = 1\n", "p = 1\ns = sub.add_parser('go')\n", "new command"),
    ("src/a.js", JS, JS + "export const more = () => 1;\n", "new public function `more`"),
    ("src/a.js", "x();\n", "x();\napp.get('/x', x);\n", "new route"),
    ("src/a.ts", JS, JS + "export interface Order { id: number }\n", "new public class `Order`"),
    ("a/a.go", GO, GO + "\nfunc More() int {\n\treturn 1\n}\n", "new public function `More`"),
    ("a/a.go", GO, GO + '\nfunc init() {\n\tmux.HandleFunc("/x", x)\n}\n', "new route"),
    ("app/cart.rb", RB, RB.replace("\nend\n", "\n  def more\n    1\n  end\nend\n"), "new public method"),
    ("config/routes.rb", "A.draw do\nend\n", "A.draw do\n  get '/x', to: 'a#b'\nend\n", "new route"),
    ("src/Cart.java", JAVA, JAVA.replace("\n}\n", "\n    public int more() { return 1; }\n}\n"), "new public method"),  # noqa: E501
    ("src/A.java", "class A {}\n", "class A {\n    @GetMapping(\"/x\")\n    int x() { return 1; }\n}\n", "new route"),  # noqa: E501
    ("src/a.rs", RS, RS + "\npub struct Order;\n", "new public class `Order`"),
    ("src/a.php", "<?php\n", "<?php\nfunction more() { return 1; }\n", "new public function"),
    ("src/a.ex", "defmodule A do\nend\n", "defmodule A do\n  def more, do: 1\nend\n", "new public"),
    ("src/a.pl", "1;\n", "sub more { 1 }\n1;\n", "judged as text"),
    ("requirements.txt", "flask==3\n", "flask==3\nredis==5\n", "new library `redis`"),
    ("pyproject.toml", '[project]\ndependencies = ["a"]\n', '[project]\ndependencies = ["a", "b>=1"]\n', "new library `b`"),  # noqa: E501
    ("package.json", '{"dependencies": {\n"a": "1"\n}}\n', '{"dependencies": {\n"a": "1",\n"b": "2"\n}}\n', "new library `b`"),  # noqa: E501
    ("go.mod", "module x\n", "module x\nrequire example.org/y v1.0.0\n", "new library `example.org/y`"),
    ("Gemfile", "gem 'a'\n", "gem 'a'\ngem 'b'\n", "new library `b`"),
    ("Cargo.toml", '[dependencies]\na = "1"\n', '[dependencies]\na = "1"\nb = "1"\n', "new library `b`"),
    ("pom.xml", "<a/>\n", "<a/>\n<artifactId>b</artifactId>\n", "new library `b`"),
    ("build.gradle", "x\n", "x\n  implementation 'g:b:1'\n", "new library `g:b`"),
    ("composer.json", '{"require": {\n"a/a": "1"\n}}\n', '{"require": {\n"a/a": "1",\n"b/b": "1"\n}}\n', "new library"),  # noqa: E501
    ("db/migrate/2_a.rb", None, "class A < ActiveRecord::Migration[7.0]\n  def change\n    add_column :a, :b, :int\n  end\nend\n", "new migration"),  # noqa: E501
    ("migrations/0002_a.sql", None, "ALTER TABLE a ADD b int;\n", "new migration"),
    (".github/workflows/ci.yml", "on: push\n", "on: [push]\n", "tested and shipped"),
    (".gitlab-ci.yml", "a: 1\n", "a: 2\n", "tested and shipped"),
    ("config/flags.yml", "new_cart:\n  enabled: false\n", "new_cart:\n  enabled: true\n", "turned from false to true"),  # noqa: E501
    ("src/a.py", "FEATURE_CART = False\n", "FEATURE_CART = True\n", "turned from false to true"),
]  # fmt: skip
NO_FEATURES = [
    ("src/cart.py", *FIX),
    ("src/cart.py", PY, PY + "\n\ndef _export(cart):\n    return cart\n"),
    ("src/cart.py", PY, PY.replace("return 10", "return _share(cart)") + "\n\ndef _share(cart):\n    return 10\n"),  # noqa: E501
    ("src/cart.py", PY, PY + "\n\nclass EmptyCartError(Exception):\n    pass\n"),
    ("src/cart.py", PY, PY.replace("net = self", "share = 1\n        net = self")),
    ("src/cart.py", PY, PY.replace("    def total", "    _currency = 'EUR'\n\n    def total")),
    ("tests/test_cart.py", "", "def test_new():\n    assert 1\n"),
    ("src/a.js", JS, JS + "const local = () => 1;\n"),
    ("a/a.go", GO, GO + "\nfunc more() int {\n\treturn 1\n}\n"),
    ("app/cart.rb", RB, RB.replace("\nend\n", "\n  private\n\n  def more\n    1\n  end\nend\n")),
    ("src/Cart.java", JAVA, JAVA.replace("\n}\n", "\n    private int more() { return 1; }\n}\n")),
    ("src/a.rs", RS, RS + "\nfn more() {}\n"),
    ("requirements.txt", "flask==3.0\n", "flask==2.9\n"),
    ("config/flags.yml", "# a\nnew_cart:\n  enabled: false\n", "# b\nnew_cart:\n  enabled: false\n"),
    ("src/web.py", "# a\n", "# @app.route('/x')\n"),
]  # fmt: skip

TIDYING = [
    ("src/cart.py", PY, PY.replace("class Cart", "class Basket").replace("    def tax", "    def tax"), "is called `Basket` now"),  # noqa: E501
    ("src/cart.py", PY, PY.replace("def discount", "def rebate"), "is called `rebate` now"),
    ("src/cart.py", PY, PY.replace("if cart.total() > 100", "if (\n        cart.total()\n        > 100\n    )").replace("(\n        cart.total()\n        > 100\n    )", "cart.total(  ) > 100"), "set otherwise"),  # noqa: E501
    ("src/cart.py", PY, "\n".join(line.replace("Holds prices.", "Holds the prices of a cart.") for line in PY.split("\n")), "only comments"),  # noqa: E501
    ("src/cart.py", "import os\nimport sys\n\nx = 1\n", "import sys\nimport os\n\nx = 1\n", "imports in another order"),  # noqa: E501
    ("src/cart.py", PY, PY[: PY.index("\n\ndef discount")] + "\n", "`discount` is gone"),
    ("src/a.js", "const a = 'x';\n", 'const a = "x";\n', "set otherwise"),
    ("src/a.js", JS, JS.replace("total", "sum"), "is called `sum` now"),
    ("a/a.go", "package a\n\nfunc F() int {\n\tx := 1\n\treturn x\n}\n", "package a\n\nfunc G() int {\n\tx := 1\n\treturn x\n}\n", "is called `G` now"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after", "words"), FEATURES)
def test_a_feature_is_objected_to(path: str, before: str | None, after: str, words: str) -> None:
    result = judged(edit(path, before, after))["no-feature"]
    assert result.verdict is Verdict.FAILED
    assert words in " | ".join(o.text for o in result.objections)
    assert all(o.path == path and o.line >= 1 for o in result.objections)


@pytest.mark.parametrize(("path", "before", "after"), NO_FEATURES)
def test_a_fix_may_bring_its_helper(path: str, before: str, after: str) -> None:
    result = judged(edit(path, before, after))["no-feature"]
    assert result.verdict is Verdict.PASSED, [o.text for o in result.objections]


FIXED = PY.replace("net * rate", "net * rate / 100")
HINTS = [
    ("no-feature", "src/cart.py", PY.replace("return 10", "return share(cart)") + "\n\ndef share(cart):\n    return 10\n", "which the fix itself uses"),  # noqa: E501
    ("no-feature", "src/cart.py", PY.replace("def total(self)", "def total(self, currency='EUR')"), "takes `currency` now"),  # noqa: E501
    ("no-feature", "src/cart.py", PY.replace("def tax(self)", "def tax(self, rate=19)").replace("net = self.total()", "net = self.tax(7)"), "takes `rate` now"),  # noqa: E501
    ("no-feature", "src/cart.py", PY.replace("    def total", "    currency = 'EUR'\n\n    def total"), "new attribute `Cart.currency`"),  # noqa: E501
    ("no-feature", "src/cart.py", PY.replace("class Cart:", "class Cart(Base):").replace("    def tax", "    def gross(self):\n        return 1\n\n    def tax"), "fill in for what its class inherits"),  # noqa: E501
    ("no-feature", "src/cart.py", PY.replace("    if cart", "    if Bonus(cart)") + "\n\nclass Bonus:\n    pass\n", "new public class `Bonus`, which the fix itself uses"),  # noqa: E501
    ("no-feature", "src/cart.py", PY.replace("return 10", "return int(os.environ['SHOP_DISCOUNT'])"), "new setting"),  # noqa: E501
    ("no-refactoring", "src/cart.py", FIXED.replace("if cart.total() > 100", "if cart.total(  ) > 100"), "set otherwise"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("rule", "path", "after", "words"), HINTS)
def test_a_weak_sign_is_a_hint(rule: str, path: str, after: str, words: str) -> None:
    result = judged(edit(path, PY, after))[rule]
    assert words in " | ".join(o.text for o in result.objections)
    assert result.is_only_hints, [o.text for o in result.objections if not o.is_hint]
    assert result.evidence.endswith("only hints")


def test_a_sure_sign_comes_before_the_hints() -> None:
    widened = PY.replace("def total(self)", "def total(self, currency='EUR')")
    result = judged(edit("src/cart.py", PY, widened + "\n\ndef export(cart):\n    return cart\n"))[
        "no-feature"
    ]
    assert [o.is_hint for o in result.objections] == [False, True]
    assert not result.is_only_hints and result.evidence == "2 signs of a feature, 1 only a hint"


@pytest.mark.parametrize(("path", "before", "after", "words"), TIDYING)
def test_tidying_is_objected_to(path: str, before: str, after: str, words: str) -> None:
    result = judged(edit(path, before, after))["no-refactoring"]
    assert result.verdict is Verdict.FAILED
    assert words in " | ".join(o.text for o in result.objections)


def test_a_plain_fix_passes_every_rule() -> None:
    for rule, result in judged(edit("src/cart.py", *FIX)).items():
        assert result.verdict is Verdict.PASSED, (rule, result)


def test_what_moves_to_another_file_is_objected_to() -> None:
    head, tail = PY[: PY.index("\n\ndef discount")] + "\n", PY[PY.index("def discount") :]
    result = judged(edit("src/cart.py", PY, head), edit("src/discount.py", None, tail))["no-refactoring"]
    assert result.objections[0].text == "`discount` moved here from src/cart.py"
    renamed = judged(edit("src/basket.py", PY, PY, old_path="src/cart.py"))["no-refactoring"]
    assert [o.text for o in renamed.objections] == ["renamed from src/cart.py"]


def test_a_name_that_is_exchanged_throughout_is_objected_to() -> None:
    before = "".join(f"def f{n}():\n    return items[{n}]\n\n\n" for n in range(5))
    result = judged(edit("src/a.py", before, before.replace("items", "goods")))["no-refactoring"]
    assert "`items` is called `goods` now, in 5 lines" in result.objections[0].text


def test_the_budget_counts_code_only() -> None:
    fix = edit("src/cart.py", *FIX)
    noise = [
        edit("tests/test_cart.py", "", "def test_a():\n    assert 1\n" * 50),
        edit("docs/cart.md", "", "words\n" * 90),
        edit("src/a.py", "x = 1\n", "x = 1\n" + "# words\n\n" * 60),
    ]
    result = judged(fix, *noise)["minimal"]
    assert result.verdict is Verdict.PASSED
    assert result.evidence.startswith("1 file and 2 lines of code, of 3 and 60")
    assert "120 blank or comment lines" in result.evidence


def test_too_many_files_or_lines_are_objected_to() -> None:
    files = [edit(f"src/a{n}.py", "x = 1\n", "x = 2\n") for n in range(4)]
    result = judged(*files)["minimal"]
    assert result.verdict is Verdict.FAILED and len(result.objections) == 4
    assert judged(*files, budget=Budget(files=4))["minimal"].verdict is Verdict.PASSED
    long = edit("src/a.py", "x = 1\n", "".join(f"x{n} = {n}\n" for n in range(61)))
    (objection,) = judged(long)["minimal"].objections
    assert objection.line and "60 are allowed" in objection.text


def test_lines_that_only_moved_or_are_indented_otherwise_do_not_count() -> None:
    body = [f"x{n} = {n}" for n in range(40)]
    before = "".join(f"{line}\n" for line in body)
    after = "if ready:\n" + "".join(f"    {line}\n" for line in body)
    result = judged(edit("src/a.py", before, after))["minimal"]
    assert result.evidence.startswith("1 file and 1 line of code"), result.evidence


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (ChangedFile(path="a.bin", kind=Kind.CHANGED, is_binary=True), "minimal"),
        (ChangedFile(path="src/a.py", kind=Kind.CHANGED, unread="too large"), "minimal"),
        (ChangedFile(path="lib", kind=Kind.CHANGED, old_mode="160000", new_mode="160000"), "no-feature"),
        (ChangedFile(path="uv.lock", kind=Kind.CHANGED, hunks=(Hunk(old_start=1, new_start=1, added=("x",)),)), "no-feature"),  # noqa: E501
        (ChangedFile(path="src/a.pl", kind=Kind.ADDED, hunks=(Hunk(old_start=0, new_start=1, added=("sub f {",)),)), "no-feature"),  # noqa: E501
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_no_pass(file: ChangedFile, rule: str) -> None:
    result = judged(file)[rule]
    assert result.verdict is Verdict.FAILED
    assert all(r.verdict is not Verdict.PASSED for r in judged(file).values() if file.unread)


def test_a_problem_of_reading_makes_a_pass_unknown() -> None:
    change = Change(
        base="a", head="b", files=(edit("src/cart.py", *FIX),), problems=("the base is not here",)
    )
    assert {r.verdict for r in judge_fix(change, IncidentContext())} == {Verdict.UNKNOWN}


def test_the_answer_says_what_was_judged_as_text() -> None:
    result: RuleResult = judged(edit("src/a.pl", "1;\n", "2;\n"))["no-feature"]
    assert "judged as text: src/a.pl (its language is not known)" in result.evidence


def test_a_vendor_commit_is_answered_without_reading_it() -> None:
    text = "".join(f"def f{n}():\n    return {n}\n" for n in range(20))
    hunks = edit("vendor/a.py", None, text).hunks
    many = tuple(
        ChangedFile(path=f"vendor/b{n}.py", kind=Kind.ADDED, hunks=hunks, after=text) for n in range(10_000)
    )
    start = process_time()
    results = {r.rule: r for r in judge_fix(Change(base="a", head="b", files=many), IncidentContext())}
    assert process_time() - start < 1
    assert results.pop("minimal").verdict is Verdict.FAILED
    assert len(results) == 5 and {result.verdict for result in results.values()} == {Verdict.UNKNOWN}
    assert "too large to judge: 10000 files" in results["no-feature"].evidence


def test_a_change_of_300_files_is_judged_by_every_rule() -> None:
    text = "".join(f"def f{n}():\n    return {n}\n" for n in range(5))
    files = [edit(f"vendor/b{n}.py", None, text) for n in range(300)]
    results = judged(*files)
    assert results["minimal"].verdict is Verdict.FAILED and results["no-feature"].verdict is Verdict.FAILED
    assert results["connected"].verdict is Verdict.UNKNOWN
    assert "300 signs" in results["no-feature"].evidence
    assert all(len(result.objections) <= 200 for result in results.values())
