"""No hotfix takes a test away, turns one off or empties one: planted cases are caught, innocent ones pass."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from tests.unit.response.guard.edits import edit, judged
from tests.unit.response.guard.harms import MORE_INNOCENT, MORE_PLANTED

PY = """import pytest


class TestCart:
    def test_total(self):
        cart = Cart(["pear"])
        assert cart.total() == 3
        assert cart.count() == 1

    def test_empty(self):
        assert Cart([]).total() == 0


def test_tax():
    assert tax(100) == 19
"""
UNIT = """import unittest


class CartCase(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2]), 3)

    def test_tax(self):
        self.assertTrue(tax(100))
"""
JS = """describe('cart', () => {
  it('adds up', () => {
    expect(total([1, 2])).toBe(3);
  });

  it('is empty at first', () => {
    expect(total([])).toBe(0);
  });
});
"""
GO = """package cart

import "testing"

func TestTotal(t *testing.T) {
	if Total(1, 2) != 3 {
		t.Errorf("wrong total")
	}
}

func TestTax(t *testing.T) {
	if Tax(100) != 19 {
		t.Fatal("wrong tax")
	}
}
"""
RB = """describe Cart do
  it "adds up" do
    expect(Cart.new([1, 2]).total).to eq(3)
  end

  it "is empty at first" do
    expect(Cart.new([]).total).to eq(0)
  end
end
"""
MINI = """class CartTest < Minitest::Test
  def test_total
    assert_equal 3, Cart.new([1, 2]).total
  end

  def test_tax
    assert_equal 19, tax(100)
  end
end
"""
JAVA = """class CartTest {
    @Test
    void addsUp() {
        assertEquals(3, new Cart(1, 2).total());
    }

    @Test
    void isEmptyAtFirst() {
        assertEquals(0, new Cart().total());
    }
}
"""
KT = """class CartTest {
    @Test
    fun addsUp() {
        assertEquals(3, Cart(1, 2).total())
    }

    @Test
    fun isEmpty() {
        assertEquals(0, Cart().total())
    }
}
"""
CS = """public class CartTests
{
    [Fact]
    public void AddsUp()
    {
        Assert.Equal(3, new Cart(1, 2).Total());
    }

    [Fact]
    public void IsEmpty()
    {
        Assert.Equal(0, new Cart().Total());
    }
}
"""
PHP = """<?php
class CartTest extends TestCase
{
    public function testTotal()
    {
        $this->assertSame(3, (new Cart([1, 2]))->total());
    }

    public function testTax()
    {
        $this->assertSame(19, tax(100));
    }
}
"""
RS = """pub fn total(a: u32, b: u32) -> u32 { a + b }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up() {
        assert_eq!(total(1, 2), 3);
    }

    #[test]
    fn is_zero() {
        assert_eq!(total(0, 0), 0);
    }
}
"""
EX = """defmodule CartTest do
  use ExUnit.Case

  test "adds up" do
    assert Cart.total([1, 2]) == 3
  end

  test "is empty at first" do
    assert Cart.total([]) == 0
  end
end
"""
SWIFT = """class CartTests: XCTestCase {
    func testTotal() {
        XCTAssertEqual(total(1, 2), 3)
    }

    func testTax() {
        XCTAssertEqual(tax(100), 19)
    }
}
"""
CPP = """TEST(Cart, AddsUp) {
  EXPECT_EQ(total(1, 2), 3);
}

TEST(Cart, IsEmpty) {
  EXPECT_EQ(total(0, 0), 0);
}
"""
SCALA = """class CartSuite extends AnyFunSuite {
  test("adds up") {
    assert(total(1, 2) == 3)
  }

  test("is empty") {
    assert(total(0, 0) == 0)
  }
}
"""
BATS = """test_total() {
  assert_equals 3 "$(total 1 2)"
}

test_tax() {
  assert_equals 19 "$(tax 100)"
}
"""
DART = """void main() {
  test('adds up', () {
    expect(total(1, 2), 3);
  });
  test('is empty', () {
    expect(total(0, 0), 0);
  });
}
"""
WORKFLOW = """on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pip install .
      - run: pytest -q
"""
ANDON = """[[smoke]]
name = "front page"
url = "https://shop.example/"
text = "Welcome"

[[smoke]]
name = "checkout"
url = "https://shop.example/checkout"
"""
TEXTS = {
    "tests/test_cart.py": PY, "tests/test_unit.py": UNIT, "src/cart.test.js": JS, "src/cart.spec.ts": JS,
    "cart/cart_test.go": GO,
    "spec/cart_spec.rb": RB, "test/cart_test.rb": MINI, "src/test/java/CartTest.java": JAVA,
    "src/test/kotlin/CartTest.kt": KT, "Shop.Tests/CartTests.cs": CS, "tests/CartTest.php": PHP,
    "src/cart.rs": RS, "test/cart_test.exs": EX, "Tests/CartTests.swift": SWIFT, "tests/cart_test.cpp": CPP,
    "src/test/scala/CartSuite.scala": SCALA, "tests/test_cart.sh": BATS, "test/cart_test.dart": DART,
    ".github/workflows/ci.yml": WORKFLOW, "andon.toml": ANDON,
    "pytest.ini": "[pytest]\naddopts = -q\n",
    "package.json": '{\n  "scripts": {\n    "test": "jest"\n  }\n}\n',
    "Makefile": "test:\n\tpytest -q\n", ".gitlab-ci.yml": "test:\n  script:\n    - go test ./...\n",
    "pom.xml": "<properties>\n  <a>1</a>\n</properties>\n", "build.gradle": "test {\n  useJUnitPlatform()\n}\n",  # noqa: E501
    "jest.config.js": "module.exports = {\n  verbose: true,\n};\n",
    "tests/conftest.py": "import pytest\n",
    "Cargo.toml": '[lib]\nname = "cart"\n', "tox.ini": "[testenv]\ncommands = pytest\n",
}  # fmt: skip

#: Path, what is replaced, and by what.
PLANTED = [
    # turned off by a mark
    ("tests/test_cart.py", "def test_tax", "@pytest.mark.skip\ndef test_tax"),
    ("tests/test_cart.py", "def test_tax", '@pytest.mark.skip(reason="flaky")\ndef test_tax'),
    ("tests/test_cart.py", "def test_tax", "@pytest.mark.skipif(True, reason='x')\ndef test_tax"),
    ("tests/test_cart.py", "def test_tax", "@pytest.mark.xfail\ndef test_tax"),
    ("tests/test_cart.py", "def test_tax", "@pytest.mark.\\\n    skip\ndef test_tax"),
    ("tests/test_cart.py", "class TestCart", "@pytest.mark.skip\nclass TestCart"),
    ("tests/test_cart.py", "import pytest\n", "import pytest\n\npytestmark = pytest.mark.skip\n"),
    (
        "tests/test_cart.py",
        "import pytest\n",
        'import pytest\n\npytest.skip("no", allow_module_level=True)\n',
    ),
    ("tests/test_cart.py", "import pytest\n", 'import pytest\n\nnumpy = pytest.importorskip("numpy")\n'),
    ("tests/test_cart.py", "    assert tax", '    pytest.skip("later")\n    assert tax'),
    ("tests/test_cart.py", "    assert tax", '    pytest.xfail("later")\n    assert tax'),
    ("tests/test_cart.py", "class TestCart:\n", "class TestCart:\n    __test__ = False\n"),
    ("tests/test_unit.py", "    def test_tax", '    @unittest.skip("x")\n    def test_tax'),
    ("tests/test_unit.py", "    def test_tax", '    @unittest.skipIf(True, "x")\n    def test_tax'),
    ("tests/test_unit.py", "    def test_tax", "    @unittest.expectedFailure\n    def test_tax"),
    (
        "tests/test_unit.py",
        "        self.assertTrue(tax",
        '        self.skipTest("x")\n        self.assertTrue(tax',
    ),
    (
        "tests/test_unit.py",
        "        self.assertTrue(tax",
        '        raise unittest.SkipTest("x")\n        self.assertTrue(tax',
    ),
    ("src/cart.test.js", "it('adds", "it.skip('adds"),
    ("src/cart.test.js", "it('adds", "it.only('adds"),
    ("src/cart.test.js", "it('adds", "xit('adds"),
    ("src/cart.test.js", "it('adds", "fit('adds"),
    ("src/cart.test.js", "it('adds", "it\n    .skip('adds"),
    ("src/cart.test.js", "it('adds", "it.todo('adds"),
    ("src/cart.test.js", "it('adds", "it.failing('adds"),
    ("src/cart.test.js", "describe('cart", "describe.skip('cart"),
    ("src/cart.test.js", "describe('cart", "xdescribe('cart"),
    ("src/cart.test.js", "describe('cart", "fdescribe('cart"),
    ("src/cart.test.js", "    expect(total([]))", "    this.skip();\n    expect(total([]))"),
    ("src/cart.spec.ts", "it('adds", "test.fixme('adds"),
    ("src/cart.spec.ts", "    expect(total([]))", "    test.skip();\n    expect(total([]))"),
    ("src/cart.spec.ts", "it('adds up', ", "it('adds up', { skip: true }, "),
    ("cart/cart_test.go", "\tif Tax", '\tt.Skip("x")\n\tif Tax'),
    ("cart/cart_test.go", "\tif Tax", "\tt.SkipNow()\n\tif Tax"),
    ("cart/cart_test.go", "package cart", "//go:build never\n\npackage cart"),
    ("spec/cart_spec.rb", 'it "adds', 'xit "adds'),
    ("spec/cart_spec.rb", 'it "adds', 'fit "adds'),
    ("spec/cart_spec.rb", 'it "adds', 'pending "adds'),
    ("spec/cart_spec.rb", 'it "adds up" do', 'it "adds up", skip: true do'),
    ("spec/cart_spec.rb", 'it "adds up" do', 'it "adds up", :skip do'),
    ("spec/cart_spec.rb", 'it "adds up" do\n', 'it "adds up" do\n    skip "x"\n'),
    ("spec/cart_spec.rb", "describe Cart", "xdescribe Cart"),
    ("test/cart_test.rb", "def test_tax\n", 'def test_tax\n    skip "later"\n'),
    (
        "src/test/java/CartTest.java",
        "    @Test\n    void addsUp",
        '    @Test\n    @Disabled("x")\n    void addsUp',
    ),
    ("src/test/java/CartTest.java", "    @Test\n    void addsUp", "    @Ignore\n    @Test\n    void addsUp"),
    ("src/test/java/CartTest.java", "@Test\n    void addsUp", "@Test(enabled = false)\n    void addsUp"),
    ("src/test/java/CartTest.java", "class CartTest", "@Disabled\nclass CartTest"),
    (
        "src/test/java/CartTest.java",
        "        assertEquals(3",
        "        assumeTrue(false);\n        assertEquals(3",
    ),
    ("src/test/java/CartTest.java", "    @Test\n    void addsUp", "    void addsUp"),
    ("src/test/kotlin/CartTest.kt", "    @Test\n    fun addsUp", "    @Test\n    @Ignore\n    fun addsUp"),
    ("src/test/kotlin/CartTest.kt", "    @Test\n    fun addsUp", "    fun addsUp"),
    (
        "Shop.Tests/CartTests.cs",
        "[Fact]\n    public void AddsUp",
        '[Fact(Skip = "x")]\n    public void AddsUp',
    ),
    (
        "Shop.Tests/CartTests.cs",
        "[Fact]\n    public void AddsUp",
        "[Fact, Ignore]\n    [Ignore]\n    public void AddsUp",
    ),
    ("Shop.Tests/CartTests.cs", "    [Fact]\n    public void AddsUp", "    public void AddsUp"),
    (
        "tests/CartTest.php",
        "        $this->assertSame(19",
        "        $this->markTestSkipped('x');\n        $this->assertSame(19",
    ),
    (
        "tests/CartTest.php",
        "        $this->assertSame(19",
        "        $this->markTestIncomplete();\n        $this->assertSame(19",
    ),
    ("tests/CartTest.php", "function testTax", "function skippedTestTax"),
    ("src/cart.rs", "#[test]\n    fn adds", "#[test]\n    #[ignore]\n    fn adds"),
    ("src/cart.rs", "#[test]\n    fn adds", '#[test]\n    #[ignore = "x"]\n    fn adds'),
    ("src/cart.rs", "#[test]\n    fn adds", "#[test]\n    #[should_panic]\n    fn adds"),
    ("src/cart.rs", "    #[test]\n    fn adds", "    fn adds"),
    ("test/cart_test.exs", '  test "adds', '  @tag :skip\n  test "adds'),
    ("test/cart_test.exs", "  use ExUnit.Case\n", "  use ExUnit.Case\n  @moduletag :skip\n"),
    (
        "Tests/CartTests.swift",
        "        XCTAssertEqual(tax",
        '        throw XCTSkip("x")\n        XCTAssertEqual(tax',
    ),
    ("Tests/CartTests.swift", "func testTax", "func disabled_testTax"),
    ("tests/cart_test.cpp", "TEST(Cart, AddsUp)", "TEST(Cart, DISABLED_AddsUp)"),
    ("tests/cart_test.cpp", "  EXPECT_EQ(total(1", "  GTEST_SKIP();\n  EXPECT_EQ(total(1"),
    ("src/test/scala/CartSuite.scala", '  test("adds', '  ignore("adds'),
    ("tests/test_cart.sh", "test_tax() {\n", "test_tax() {\n  startSkipping\n"),
    ("test/cart_test.dart", "  test('adds up', () {", "  test('adds up', skip: true, () {"),
    # gone
    ("tests/test_cart.py", PY[PY.index("\n\ndef test_tax") :], ""),
    ("tests/test_cart.py", PY, None),
    ("tests/test_unit.py", UNIT[UNIT.index("\n    def test_tax") :], ""),
    ("src/cart.test.js", "  it('adds up', () => {\n    expect(total([1, 2])).toBe(3);\n  });\n", ""),
    ("cart/cart_test.go", GO[GO.index("\nfunc TestTax") :], ""),
    ("cart/cart_test.go", GO, None),
    ("spec/cart_spec.rb", '  it "adds up" do\n    expect(Cart.new([1, 2]).total).to eq(3)\n  end\n', ""),
    ("src/test/java/CartTest.java", JAVA, None),
    ("src/cart.rs", "    #[test]\n    fn is_zero() {\n        assert_eq!(total(0, 0), 0);\n    }\n", ""),
    ("test/cart_test.exs", '  test "adds up" do\n    assert Cart.total([1, 2]) == 3\n  end\n', ""),
    ("tests/CartTest.php", PHP, None),
    ("test/cart_test.dart", "  test('adds up', () {\n    expect(total(1, 2), 3);\n  });\n", ""),
    ("test/cart_test.dart", DART, None),
    # named so that nobody collects it
    ("tests/test_cart.py", "def test_tax", "def _test_tax"),
    ("tests/test_cart.py", "def test_tax", "def check_tax"),
    ("tests/test_cart.py", "class TestCart", "class CartChecks"),
    ("cart/cart_test.go", "func TestTax", "func testTax"),
    ("cart/cart_test.go", "func TestTax", "func Testtax"),
    ("test/cart_test.rb", "def test_tax", "def xtest_tax"),
    ("tests/test_cart.sh", "test_tax()", "no_test_tax()"),
    # commented out
    ("tests/test_cart.py", "    assert tax(100) == 19\n", "    # assert tax(100) == 19\n    pass\n"),
    ("src/cart.test.js", "    expect(total([1, 2])).toBe(3);", "    // expect(total([1, 2])).toBe(3);"),
    # emptied
    ("tests/test_cart.py", "        assert cart.count() == 1\n", ""),
    ("tests/test_cart.py", "assert tax(100) == 19", "assert True"),
    ("tests/test_cart.py", "assert tax(100) == 19", "assert tax(100) == 19 or True"),
    ("tests/test_cart.py", "assert tax(100) == 19", "tax(100)"),
    ("tests/test_cart.py", "    assert tax(100) == 19", "    return\n    assert tax(100) == 19"),
    ("tests/test_cart.py", "    assert tax(100) == 19", "    if False:\n        assert tax(100) == 19"),
    (
        "tests/test_cart.py",
        "    assert tax(100) == 19",
        "    try:\n        assert tax(100) == 19\n    except AssertionError:\n        pass",
    ),
    ("tests/test_unit.py", "self.assertTrue(tax(100))", "self.assertTrue(True)"),
    ("tests/test_unit.py", "self.assertEqual(total([1, 2]), 3)", "self.assertEqual(3, 3)"),
    ("src/cart.test.js", "expect(total([1, 2])).toBe(3)", "expect(true).toBe(true)"),
    ("src/cart.test.js", "    expect(total([1, 2])).toBe(3);\n", ""),
    ("cart/cart_test.go", '\t\tt.Fatal("wrong tax")\n', '\t\tt.Log("wrong tax")\n'),
    ("spec/cart_spec.rb", "expect(Cart.new([1, 2]).total).to eq(3)", "expect(true).to be(true)"),
    ("src/test/java/CartTest.java", "assertEquals(3, new Cart(1, 2).total())", "assertTrue(true)"),
    ("Shop.Tests/CartTests.cs", "        Assert.Equal(3, new Cart(1, 2).Total());\n", ""),
    ("src/cart.rs", "assert_eq!(total(1, 2), 3);", "assert!(true);"),
    ("test/cart_test.exs", "assert Cart.total([1, 2]) == 3", "assert true"),
    ("tests/CartTest.php", "$this->assertSame(19, tax(100))", "$this->assertTrue(true)"),
    ("tests/cart_test.cpp", "EXPECT_EQ(total(1, 2), 3);", "EXPECT_TRUE(true);"),
    ("Tests/CartTests.swift", "XCTAssertEqual(tax(100), 19)", "XCTAssertTrue(true)"),
    ("test/cart_test.dart", "    expect(total(1, 2), 3);\n", ""),
    *MORE_PLANTED,
    # turned off from outside
    ("pytest.ini", "-q", "-q --deselect tests/test_cart.py::test_tax"),
    ("pytest.ini", "-q", "-q --ignore=tests/slow"),
    ("pytest.ini", "-q", "-q -k 'not tax'"),
    ("pytest.ini", "-q", '-q -m "not slow"'),
    ("tests/conftest.py", "import pytest\n", 'import pytest\n\ncollect_ignore = ["test_cart.py"]\n'),
    ("package.json", '"jest"', '"jest --passWithNoTests"'),
    ("package.json", '"jest"', '"jest || true"'),
    ("package.json", '"jest"', '"echo ok"'),
    ("jest.config.js", "verbose: true,", "verbose: true,\n  testPathIgnorePatterns: ['cart'],"),
    ("Makefile", "pytest -q", "-pytest -q || true"),
    ("Makefile", "\tpytest -q\n", "\ttrue\n"),
    ("tox.ini", "commands = pytest", "commands = - pytest --ignore tests/slow"),
    (
        ".github/workflows/ci.yml",
        "      - run: pytest -q\n",
        "      - run: pytest -q\n        continue-on-error: true\n",
    ),
    (".github/workflows/ci.yml", "pytest -q", "pytest -q || true"),
    (".github/workflows/ci.yml", "      - run: pytest -q\n", ""),
    (".github/workflows/ci.yml", "  test:\n", "  test:\n    if: false\n"),
    (".gitlab-ci.yml", "  script:", "  allow_failure: true\n  script:"),
    (".gitlab-ci.yml", "go test ./...", "go test -short ./..."),
    ("pom.xml", "<a>1</a>", "<a>1</a>\n  <maven.test.skip>true</maven.test.skip>"),
    ("build.gradle", "  useJUnitPlatform()", "  useJUnitPlatform()\n  ignoreFailures = true"),
    ("build.gradle", "  useJUnitPlatform()", "  enabled = false"),
    ("Cargo.toml", 'name = "cart"', 'name = "cart"\ntest = false'),
    ("andon.toml", ANDON[ANDON.index("\n[[smoke]]") :], ""),
    ("andon.toml", 'text = "Welcome"\n', ""),
    ("andon.toml", 'name = "checkout"\n', 'name = "checkout"\ncritical = false\n'),
    ("andon.toml", ANDON, None),
]

INNOCENT = [
    # a fix with its test
    (
        "tests/test_cart.py",
        "    assert tax(100) == 19\n",
        "    assert tax(100) == 19\n    assert tax(0) == 0\n",
    ),
    ("tests/test_cart.py", "    assert tax(100) == 19\n", "    assert tax(100) == 20\n"),
    ("tests/test_cart.py", "def test_tax():", "def test_new():\n    assert tax(1) == 0\n\n\ndef test_tax():"),
    (
        "src/cart.test.js",
        "  it('is empty",
        "  it('is new', () => {\n    expect(total([7])).toBe(7);\n  });\n\n  it('is empty",
    ),
    # renamed, and still collected
    ("tests/test_cart.py", "def test_tax", "def test_tax_of_a_hundred"),
    ("src/cart.test.js", "it('adds up'", "it('adds up all prices'"),
    ("cart/cart_test.go", "TestTax", "TestTaxOfAHundred"),
    ("spec/cart_spec.rb", '"adds up"', '"adds up prices"'),
    ("src/test/java/CartTest.java", "void addsUp", "void addsUpPrices"),
    ("src/cart.rs", "fn adds_up", "fn adds_up_prices"),
    # parametrised
    (
        "tests/test_cart.py",
        "def test_tax():\n    assert tax(100) == 19\n",
        '@pytest.mark.parametrize(("net", "gross"), [(100, 19), (0, 0)])\ndef test_tax(net, gross):\n    assert tax(net) == gross\n',  # noqa: E501
    ),
    (
        "src/cart.test.js",
        JS,
        (
            "describe('cart', () => {\n  it.each([[[1, 2], 3], [[], 0]])('adds up', (prices, sum) => {\n"
            "    expect(total(prices)).toBe(sum);\n  });\n});\n"
        ),
    ),
    # a mark in words only
    ("tests/test_cart.py", "    assert tax", "    # not pytest.mark.skip any more\n    assert tax"),
    (
        "tests/test_cart.py",
        "    assert tax",
        '    words = "pytest.skip(1)"\n    assert words\n    assert tax',
    ),
    ("src/cart.test.js", "describe('cart'", "// it.only('x')\ndescribe('cart'"),
    # a new test that depends on where it runs
    (
        "tests/test_cart.py",
        "def test_tax():",
        "@pytest.mark.skipif(WINDOWS, reason='x')\ndef test_paths():\n    assert path() == '/'\n\n\ndef test_tax():",  # noqa: E501
    ),
    # two assertions become one that says the same
    (
        "tests/test_cart.py",
        "        assert cart.total() == 3\n        assert cart.count() == 1\n",
        "        assert (cart.total(), cart.count()) == (3, 1)\n",
    ),
    *MORE_INNOCENT,
    # configuration that turns nothing off
    ("pytest.ini", "-q", "-q --strict-markers"),
    (".github/workflows/ci.yml", "pytest -q", "pytest -q --cov"),
    ("Makefile", "pytest -q", "pytest -q -x"),
    ("andon.toml", '/checkout"\n', '/checkout"\ntext = "Pay"\n'),
    ("andon.toml", "front page", "home page"),
]


def after(path: str, old: str, new: str | None) -> str | None:
    text = TEXTS[path]
    assert old in text, old
    return None if new is None else text.replace(old, new, 1)


@pytest.mark.parametrize(("path", "old", "new"), PLANTED)
def test_a_planted_case_is_caught_and_placed(path: str, old: str, new: str | None) -> None:
    result = judged(edit(path, TEXTS[path], after(path, old, new)))["tests-kept"]
    assert result.verdict is Verdict.FAILED, after(path, old, new)
    assert all(objection.path == path for objection in result.objections)
    assert all(objection.text for objection in result.objections)


def test_the_planted_cases_are_many_and_of_many_languages() -> None:
    assert len(PLANTED) >= 120
    assert len({path.rpartition(".")[2] for path, _, _ in PLANTED}) >= 16


@pytest.mark.parametrize(("path", "old", "new"), INNOCENT)
def test_an_innocent_change_passes(path: str, old: str, new: str) -> None:
    result = judged(edit(path, TEXTS[path], after(path, old, new)))["tests-kept"]
    assert result.verdict is Verdict.PASSED, [o.text for o in result.objections]


@pytest.mark.parametrize(
    "path", [path for path in TEXTS if "est" in path and "." in path and "conf" not in path]
)
def test_every_skip_that_is_taken_away_passes(path: str) -> None:
    for planted, old, new in PLANTED:
        if planted == path and new is not None and len(new) > len(old) and "assert" not in old:
            spoiled = after(path, old, new)
            result = judged(edit(path, spoiled, TEXTS[path]))["tests-kept"]
            assert result.verdict is Verdict.PASSED, (new, [o.text for o in result.objections])


@pytest.mark.parametrize("path", ["tests/test_cart.py", "cart/cart_test.go", "src/test/java/CartTest.java"])
def test_a_test_may_move_to_another_file(path: str) -> None:
    other = path.replace("cart.", "more.").replace("cart_", "more_").replace("CartTest.", "MoreTest.")
    moved = judged(edit(path, TEXTS[path], None), edit(other, None, TEXTS[path]))["tests-kept"]
    assert moved.verdict is Verdict.PASSED, [o.text for o in moved.objections]
    renamed = judged(edit(other, TEXTS[path], TEXTS[path], old_path=path))["tests-kept"]
    assert renamed.verdict is Verdict.PASSED, [o.text for o in renamed.objections]


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("tests/test_cart.py", "tests/cart.py"),
        ("tests/test_cart.py", "tests/test_cart.py.bak"),
        ("cart/cart_test.go", "cart/cart_tests.go"),
        ("src/cart.test.js", "src/cart.js"),
        ("spec/cart_spec.rb", "spec/cart.rb"),
        ("tests/CartTest.php", "tests/Cart.php"),
    ],
)
def test_a_file_that_no_runner_finds_any_more_is_caught(path: str, new: str) -> None:
    result = judged(edit(new, TEXTS[path], TEXTS[path], old_path=path))["tests-kept"]
    assert result.verdict is Verdict.FAILED


def test_an_objection_names_the_hunk() -> None:
    path = "tests/test_cart.py"
    result = judged(edit(path, PY, PY.replace("def test_tax", "@pytest.mark.skip\ndef test_tax")))[
        "tests-kept"
    ]
    assert [(o.line, o.end_line) for o in result.objections] == [(14, 14)]
    assert "pytest.mark.skip" in result.objections[0].snippet
    gone = judged(edit(path, PY, PY.replace("        assert cart.count() == 1\n", "")))["tests-kept"]
    assert [(o.line, o.end_line) for o in gone.objections] == [(8, 8)]
    assert "2 assertions before, 1 now" in gone.objections[0].text
