"""More ways to lose what a test says: left early, looped over nothing, made constant, in many languages."""

from __future__ import annotations

PY, UNIT, JS, TS = "tests/test_cart.py", "tests/test_unit.py", "src/cart.test.js", "src/cart.spec.ts"
GO, RB, MINI = "cart/cart_test.go", "spec/cart_spec.rb", "test/cart_test.rb"
JAVA, KT, CS = "src/test/java/CartTest.java", "src/test/kotlin/CartTest.kt", "Shop.Tests/CartTests.cs"
PHP, RS, SWIFT, CPP = "tests/CartTest.php", "src/cart.rs", "Tests/CartTests.swift", "tests/cart_test.cpp"
TAX, TOTAL = "    assert tax(100) == 19", "    expect(total([1, 2])).toBe(3);"
ADDS, IF_TAX = "    expect(Cart.new([1, 2]).total).to eq(3)", "\tif Tax(100) != 19"
NINETEEN = "    assert_equal 19, tax(100)"

#: Path, what is replaced, and by what; each takes something away from what the tests say.
MORE_PLANTED = [
    # left early
    (PY, TAX, f"    if slow():\n        return\n{TAX}"),
    (PY, TAX, f"    if True: return\n{TAX}"),
    (PY, TAX, f"    rate = 19\n    return None\n{TAX}"),
    (PY, TAX, f"    import os\n    os._exit(0)\n{TAX}"),
    (PY, TAX, f"    sys.exit()\n{TAX}"),
    (PY, TAX, f"    with rates():\n        return\n{TAX}"),
    (PY, TAX, f"    for rate in rates():\n        return\n{TAX}"),
    (PY, "        assert cart.count() == 1", "        return\n        assert cart.count() == 1"),
    (UNIT, "        self.assertTrue(tax", "        return\n        self.assertTrue(tax"),
    (JS, TOTAL, f"    return;\n{TOTAL}"),
    (JS, TOTAL, f"    return\n{TOTAL}"),
    (JS, TOTAL, f"    if (process.env.CI) return;\n{TOTAL}"),
    (JS, TOTAL, f"    if (process.env.CI) {{\n      return;\n    }}\n{TOTAL}"),
    (JS, TOTAL, f"    process.exit(0);\n{TOTAL}"),
    (JS, TOTAL, f"    return undefined;\n{TOTAL}"),
    (TS, TOTAL, f"    if (true) {{ return; }}\n{TOTAL}"),
    (GO, IF_TAX, f"\treturn\n{IF_TAX}"),
    (GO, IF_TAX, f"\tif testing.Short() {{\n\t\treturn\n\t}}\n{IF_TAX}"),
    (GO, IF_TAX, f"\tos.Exit(0)\n{IF_TAX}"),
    (GO, IF_TAX, f"\truntime.Goexit()\n{IF_TAX}"),
    (RB, ADDS, f"    next\n{ADDS}"),
    (RB, ADDS, f"    next if ENV['CI']\n{ADDS}"),
    (RB, ADDS, f"    return\n{ADDS}"),
    (MINI, NINETEEN, f"    return\n{NINETEEN}"),
    (MINI, NINETEEN, f"    return unless slow?\n{NINETEEN}"),
    (MINI, NINETEEN, f"    exit\n{NINETEEN}"),
    (JAVA, "        assertEquals(3", "        if (slow()) return;\n        assertEquals(3"),
    (JAVA, "        assertEquals(3", "        System.exit(0);\n        assertEquals(3"),
    (KT, "        assertEquals(3", "        return\n        assertEquals(3"),
    (CS, "        Assert.Equal(3", "        return;\n        Assert.Equal(3"),
    (PHP, "        $this->assertSame(19", "        return;\n        $this->assertSame(19"),
    (PHP, "        $this->assertSame(19", "        exit(0);\n        $this->assertSame(19"),
    (RS, "        assert_eq!(total(1, 2)", "        return;\n        assert_eq!(total(1, 2)"),
    (RS, "        assert_eq!(total(1, 2)", "        std::process::exit(0);\n        assert_eq!(total(1, 2)"),
    (SWIFT, "        XCTAssertEqual(tax", "        return;\n        XCTAssertEqual(tax"),
    (CPP, "  EXPECT_EQ(total(1, 2)", "  return;\n  EXPECT_EQ(total(1, 2)"),
    ("tests/test_cart.sh", "  assert_equals 19", "  return 0\n  assert_equals 19"),
    ("tests/test_cart.sh", "  assert_equals 19", "  exit 0\n  assert_equals 19"),
    # for all tests at once
    (PY, "class TestCart:\n", "class TestCart:\n    def setup_method(self):\n        pytest.skip('x')\n\n"),
    (
        PY,
        "class TestCart:\n",
        "@pytest.fixture(autouse=True)\ndef later():\n    pytest.skip('x')\n\n\nclass TestCart:\n",
    ),
    (UNIT, "    def test_total", "    def setUp(self):\n        self.skipTest('x')\n\n    def test_total"),
    (
        "tests/conftest.py",
        "import pytest\n",
        "import pytest\n\n\ndef pytest_collection_modifyitems(items):\n    items.clear()\n",
    ),
    (
        "tests/conftest.py",
        "import pytest\n",
        "import pytest\n\n\ndef pytest_runtest_makereport(item, call):\n    return None\n",
    ),
    # nothing is run
    (PY, TAX, f"    for _ in []:\n    {TAX}"),
    (PY, TAX, f"    for _ in range(0):\n    {TAX}"),
    (PY, TAX, f"    while False:\n    {TAX}"),
    (PY, TAX, f"    if not True:\n    {TAX}"),
    (PY, TAX, f"    if False and slow():\n    {TAX}"),
    (PY, "def test_tax():", "@pytest.mark.parametrize('rate', [])\ndef test_tax(rate):"),
    (JS, TOTAL, f"    for (const _ of []) {{\n{TOTAL}\n    }}"),
    (JS, TOTAL, f"    [].forEach(() => {{\n{TOTAL}\n    }});"),
    (JS, "it('adds up', ()", "it.each([])('adds up', ()"),
    (JS, TOTAL, f"    if (false && slow()) {{\n{TOTAL}\n    }}"),
    # can only pass
    (PY, TAX, "    assert True or tax(100) == 19"),
    (UNIT, "self.assertTrue(tax(100))", "self.assertTrue(tax(100) or True)"),
    (JS, TOTAL, "    expect(total([1, 2]) === 3 || true).toBe(true);"),
    (PY, "class TestCart", "class XTestCart"),
    (PY, "class TestCart", "@given\nclass XTestCart"),
]  # fmt: skip

#: Changes that look like one of those and take nothing away.
MORE_INNOCENT = [
    (PY, TAX, f"{TAX}\n    return"),
    (PY, TAX, f"    def rates():\n        return\n\n    rates()\n{TAX}"),
    (PY, TAX, f"    if slow():\n        assert tax(1) == 0\n        return\n{TAX}"),
    (PY, TAX, f"    for rate in [1, 2]:\n        assert tax(rate) == 0\n{TAX}"),
    (PY, TAX, f"    with rates():\n    {TAX}"),
    (PY, "class TestCart:\n", "class TestCart:\n    def setup_method(self):\n        self.rate = 19\n\n"),
    (PY, "def test_tax():", "@pytest.mark.parametrize('rate', [1, 2])\ndef test_tax(rate):"),
    (PY, "class TestCart", "class TestBasket"),
    (JS, TOTAL, f"    const sum = [1, 2].map((x) => {{ return; }});\n{TOTAL}"),
    (JS, TOTAL, f"    on('change', () => {{\n      if (gone) return;\n      touch();\n    }});\n{TOTAL}"),
    (JS, TOTAL, f"    function later() {{\n      return;\n    }}\n    later();\n{TOTAL}"),
    (GO, IF_TAX, f"\tdone := func() {{\n\t\treturn\n\t}}\n\tdone()\n{IF_TAX}"),
    (RB, ADDS, f"    [1, 2].each do |n|\n      next if n == 1\n      touch n\n    end\n{ADDS}"),
    (MINI, NINETEEN, f"    [1].each {{ |n| touch n }}\n{NINETEEN}"),
    (MINI, NINETEEN, f"{NINETEEN}\n    return"),
    (
        JAVA,
        "        assertEquals(3",
        "        run(() -> {\n            return;\n        });\n        assertEquals(3",
    ),
    (
        RS,
        "        assert_eq!(total(1, 2)",
        "        let f = || { return; };\n        f();\n        assert_eq!(total(1, 2)",
    ),
]
