"""A named test that exists and runs passes; everything else is told, and what cannot be told is unknown."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.gates.named_tests import TestState, look_for
from andon.response.gates.python_tests import look_in_python
from andon.response.gates.regression_tests import Remembered, judge_regressions

RUNS, SKIPPED, MISSING, UNKNOWN = TestState

PLAIN = "def test_a():\n    assert 1 + 1 == 2\n"
PYTHON = [
    (PLAIN, "test_a", RUNS),
    ("async def test_a():\n    assert x\n", "test_a", RUNS),
    (PLAIN, "test_b", MISSING),
    (PLAIN, "test_a[one-two]", RUNS),
    ("# def test_a():\n#     assert x\n", "test_a", MISSING),
    ('"""\ndef test_a():\n    assert x\n"""\n', "test_a", MISSING),
    ("x = '''\ndef test_a():\n    assert x\n'''\n", "test_a", MISSING),
    ("import pytest\n@pytest.mark.skip\n" + PLAIN, "test_a", SKIPPED),
    ("import pytest\n@pytest.mark.skip(reason='flaky')\n" + PLAIN, "test_a", SKIPPED),
    ("from pytest import mark\n@mark.skipif(True, reason='x')\n" + PLAIN, "test_a", SKIPPED),
    ("@pytest.mark.skipif(sys.platform == 'win32', reason='x')\n" + PLAIN, "test_a", RUNS),
    ("@pytest.mark.xfail\n" + PLAIN, "test_a", SKIPPED),
    ("@pytest.mark.xfail(sys.platform == 'win32', reason='x')\n" + PLAIN, "test_a", RUNS),
    ("@unittest.skip('x')\n" + PLAIN, "test_a", SKIPPED),
    ("@unittest.skipUnless(False, 'x')\n" + PLAIN, "test_a", SKIPPED),
    ("@unittest.expectedFailure\n" + PLAIN, "test_a", SKIPPED),
    ("off = pytest.mark.skip(reason='x')\n@off\n" + PLAIN, "test_a", SKIPPED),
    ("pytestmark = pytest.mark.skip\n" + PLAIN, "test_a", SKIPPED),
    ("pytestmark = [pytest.mark.slow, pytest.mark.skip('x')]\n" + PLAIN, "test_a", SKIPPED),
    ("pytest.skip('no', allow_module_level=True)\n" + PLAIN, "test_a", SKIPPED),
    ("def test_a():\n    pytest.skip('later')\n    assert x\n", "test_a", SKIPPED),
    ("def test_a():\n    if slow:\n        pytest.skip('later')\n    assert x\n", "test_a", RUNS),
    ("def test_a():\n    raise unittest.SkipTest\n", "test_a", SKIPPED),
    ("def test_a():\n    pass\n", "test_a", SKIPPED),
    ("def test_a():\n    'later'\n", "test_a", SKIPPED),
    ("def test_a():\n    ...\n", "test_a", SKIPPED),
    (PLAIN + "def test_a():\n    pytest.skip('x')\n", "test_a", SKIPPED),
    (PLAIN + "del test_a\n", "test_a", MISSING),
    (PLAIN + "test_a = None\n", "test_a", MISSING),
    ("if False:\n    def test_a():\n        assert x\n", "test_a", MISSING),
    ("if has_it:\n    def test_a():\n        assert x\n", "test_a", RUNS),
    ("class TestX:\n    def test_a(self):\n        assert x\n", "TestX::test_a", RUNS),
    ("class TestX:\n    def test_a(self):\n        assert x\n", "test_a", MISSING),
    ("class TestX:\n    def test_a(self):\n        assert x\n", "TestY::test_a", MISSING),
    ("@pytest.mark.skip\nclass TestX:\n    def test_a(self):\n        assert x\n", "TestX::test_a", SKIPPED),
    (
        "class TestX:\n    __test__ = False\n    def test_a(self):\n        assert x\n",
        "TestX::test_a",
        SKIPPED,
    ),
    ("class TestX:\n    def test_a(self):\n        self.skipTest('x')\n", "TestX::test_a", SKIPPED),
    (
        "class B:\n    def test_a(self):\n        assert x\nclass TestX(B):\n    y = 1\n",
        "TestX::test_a",
        RUNS,
    ),
    ("from z import B\nclass TestX(B):\n    y = 1\n", "TestX::test_a", UNKNOWN),
    ("import unittest\nclass TestX(unittest.TestCase):\n    y = 1\n", "TestX::test_a", MISSING),
    ("def test_a(:\n    skip\n", "test_a", UNKNOWN),
]


@pytest.mark.parametrize(("text", "name", "state"), PYTHON)
def test_in_python(text: str, name: str, state: TestState) -> None:
    assert look_for("tests/test_x.py", name, text).state is state


@pytest.mark.parametrize(("text", "name", "state"), PYTHON)
def test_the_search_by_words_says_runs_only_where_the_parser_does(
    text: str, name: str, state: TestState
) -> None:
    parts = name.partition("[")[0].split("::")
    assert look_in_python(parts, text).state is state


@pytest.mark.parametrize(
    ("path", "text", "name", "state"),
    [
        ("a.spec.ts", "it('buys an old product', () => {})", "buys an old product", RUNS),
        ("a.spec.ts", "it.skip('buys an old product', () => {})", "buys an old product", SKIPPED),
        ("a.test.js", 'xit("buys", () => {})', "buys", SKIPPED),
        ("a.test.js", 'test.todo("buys")', "buys", SKIPPED),
        ("a.test.js", '// it("buys", () => {})', "buys", MISSING),
        ("a.test.js", 'describe.skip("all", () => {\n it("buys", () => {}) })', "buys", UNKNOWN),
        ("a.test.js", 'it.only("sells", f)\nit("buys", f)', "buys", SKIPPED),
        ("a.test.js", 'describe("cart", () => {\n it("buys", () => {}) })', "cart::buys", RUNS),
        ("a.test.js", 'it("buys", () => {})', "cart::buys", MISSING),
        ("a_test.go", "func TestBuy(t *testing.T) {\n\tbuy()\n}", "TestBuy", RUNS),
        ("a_test.go", 'func TestBuy(t *testing.T) {\n\tt.Skip("later")\n}', "TestBuy", SKIPPED),
        ("a_test.go", "func TestBuyer(t *testing.T) {}", "TestBuy", MISSING),
        ("a_spec.rb", 'it "buys" do\nend', "buys", RUNS),
        ("a_spec.rb", 'xit "buys" do\nend', "buys", SKIPPED),
        ("ATest.java", "@Test\n@Disabled\nvoid buys() {\n}", "ATest::buys", MISSING),
        ("ATest.java", "class ATest {\n@Test\nvoid buys() {\n}}", "ATest::buys", RUNS),
        ("ATest.java", "class ATest {\n@Test\n@Disabled\nvoid buys() {\n}}", "ATest::buys", SKIPPED),
        ("a.rs", "#[test]\n#[ignore]\nfn buys() {}", "buys", SKIPPED),
        ("a.rs", "#[test]\nfn buys() {}", "buys", RUNS),
        ("aTest.php", "public function testBuys() {\n  $this->markTestSkipped('x');\n}", "testBuys", SKIPPED),
    ],
)
def test_in_other_languages(path: str, text: str, name: str, state: TestState) -> None:
    assert look_for(path, name, text).state is state


def test_a_whole_file_a_missing_one_and_something_else() -> None:
    assert look_for("tests/x.py", "", "anything").state is RUNS
    assert look_for("tests/x.py", "", None).state is MISSING
    assert look_for("tests/x.py", "test_a", None).why == "the file is not there"
    assert look_for("tests/x.py", "test_a", "\0\0").state is UNKNOWN
    assert look_for("tests/x.py", "::[", "x").state is MISSING


# ---- the rule


def entry(number: int, *tests: tuple[str, str] | None) -> Remembered:
    return Remembered(id=f"REG-{number}", file="REGRESSIONS.md", line=number * 10, tests=tests)


A, B = ("t.py", "test_a"), ("t.py", "test_b")
TEXTS = {"t.py": PLAIN}


def test_everything_that_is_named_runs() -> None:
    result = judge_regressions((entry(1, A), entry(2)), (), TEXTS)
    assert result.verdict is Verdict.PASSED
    assert result.evidence == "2 entries, 1 tests run, 1 name none"
    assert judge_regressions((), (), {}).verdict is Verdict.PASSED


def test_an_entry_that_names_another_test_is_told() -> None:
    """It may be what took its place; a person sees that it is another one."""
    texts = {"t.py": PLAIN + PLAIN.replace("test_a", "test_other")}
    other = ("t.py", "test_other")
    moved = judge_regressions((entry(1, other), entry(2, A, other)), (entry(1, A), entry(2, A)), texts)
    assert moved.verdict is Verdict.PASSED
    assert moved.evidence.endswith(f"other tests than before are named by {entry(1).id}")


def test_a_missing_test_names_its_entry_and_place() -> None:
    result = judge_regressions((entry(1, A), entry(2, B)), (), TEXTS)
    assert result.verdict is Verdict.FAILED and "andon regressions test" in result.remedy
    (objection,) = result.objections
    assert (objection.path, objection.line) == ("REGRESSIONS.md", 20)
    assert objection.text.startswith("REG-2: its test t.py::test_b is missing")


def test_a_line_that_names_no_test_is_told() -> None:
    (objection,) = judge_regressions((entry(1, A, None),), (), TEXTS).objections
    assert "no path" in objection.text


def test_what_the_change_takes_out_of_the_log_is_told() -> None:
    before = (entry(1, A), entry(2), entry(3, A))
    result = judge_regressions((entry(2), entry(3)), before, TEXTS)
    assert [(o.text, o.line) for o in result.objections] == [
        ("REG-1: it is taken out of the log", 0),
        ("REG-3: it names no test any more", 30),
    ]


def test_what_cannot_be_told_is_no_pass_and_a_failure_goes_first() -> None:
    broken = {"t.py": "def test_a(:\n    skip\n"}
    assert judge_regressions((entry(1, A),), (), broken).verdict is Verdict.UNKNOWN
    assert judge_regressions((entry(1, A), entry(2, ("x.py", "y"))), (), broken).verdict is Verdict.FAILED
