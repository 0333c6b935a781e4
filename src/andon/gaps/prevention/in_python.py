"""Generated tests in Python, for pytest and as scripts. Texts of others are literals, never code."""

from __future__ import annotations

import ast
import re

from andon.gaps.prevention.late_answer import HAS_COME
from andon.gaps.prevention.plan import ROUNDS, Ask, looking_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.gaps.prevention.drafts import Style
    from andon.gaps.prevention.plan import Check, Plan, Slowing, Step

_EXPECT = re.compile(r"^(\s+)expect\(.*\)\s*$")
_TEST = re.compile(r"^\s*(?:(?:async )?def test_|class )")


def written(plan: Plan, style: Style) -> str:
    """Return the file of a test."""
    is_script = style.flavour != "pytest"
    crowd = _crowd(plan) if plan.users else ""
    body = f"{crowd}{_test(plan, style)}"
    ending = _ending(re.findall(r"^def (test_\w+)", body, re.MULTILINE)) if is_script else ""
    helpers = f"{_HELPERS}{_base(style)}{_ask(plan)}{_check(plan)}"
    return f"{_head(plan.heading)}{_imports(plan, is_script)}{helpers}{body}{ending}"


def slowed(slowing: Slowing) -> str:
    """Return the journey's own test file with production's network."""
    if slowing.script:
        what = f"    page.add_init_script({slowing.script!r})\n"
    else:
        what = (
            "    session = page.context.new_cdp_session(page)\n"
            '    session.send("Network.enable")\n'
            "    session.send(\n"
            '        "Network.emulateNetworkConditions",\n'
            f'        {{"offline": False, "latency": {slowing.latency:g},'
            f' "downloadThroughput": {slowing.down:g}, "uploadThroughput": {slowing.up:g}}},\n'
            "    )\n"
        )
    hook = (
        f"\n{_head(slowing.heading)}import pytest as _pytest  # noqa: E402\n\n\n"
        "@_pytest.fixture(autouse=True)\n"
        f"def _as_in_production(page):\n{what}\n\n"
    )
    lines = slowing.text.split("\n")
    at = _after_imports(slowing.text)
    rest = lines[at:]
    if slowing.script:
        rest = looking_again(
            rest, _TEST.match, _EXPECT.match, lambda indent: f'{indent}page.wait_for_function("{HAS_COME}")'
        )
    return "\n".join([*lines[:at], hook, *rest])


def _after_imports(text: str) -> int:
    """Return the number of lines up to the last import at the top; 0 for a text that is no Python."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return 0
    return max((n.end_lineno or 0 for n in body if isinstance(n, ast.Import | ast.ImportFrom)), default=0)


# ---- the parts of a file

_HELPERS = """

class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


"""


def _head(heading: Iterable[str]) -> str:
    return "".join(f"# {line}\n" for line in heading)


def _imports(plan: Plan, is_script: bool) -> str:
    modules = ["os", "time", "urllib.error", "urllib.request"]
    modules += ["concurrent.futures"] if plan.users else []
    modules += ["sys", "xml.sax.saxutils"] if is_script else []
    return "".join(f"import {module}\n" for module in sorted(modules))


def _base(style: Style) -> str:
    is_script = style.flavour != "pytest"
    option = "" if is_script else ' or pytestconfig.getoption("base_url", None)'
    return f"""def base({"" if is_script else "pytestconfig"}):
    given = os.environ.get({_text(style.url_variable)}){option}
    return (given or "http://127.0.0.1:8000").rstrip("/")


"""


def _ask(plan: Plan) -> str:
    if plan.users:
        given = ", user=1, opener=None"
        own = '[part.replace("{user}", str(user)).replace("{turn}", "1") for part in step]'
        opener = "opener or urllib.request.build_opener(Stay())"
    else:
        given, own, opener = "", "step", "urllib.request.build_opener(Stay())"
    return f"""def ask(url, step{given}):
    method, path, data, media = {own}
    headers = {{"Content-Type": media}} if data else {{}}
    request = urllib.request.Request(url + path, data.encode() or None, headers, method=method)
    began = time.monotonic()
    try:
        with ({opener}).open(request, timeout=30) as answer:
            status, text = answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as answer:
        with answer:
            status, text = answer.code, answer.read().decode("utf-8", "replace")
    except OSError as problem:
        status, text = 0, str(problem)
    return status, text, time.monotonic() - began


"""


def _check(plan: Plan) -> str:
    checks = "\n".join(f"    assert {_condition(one)}" for one in plan.checks)
    return f"""def check(answer):
    status, text, seconds = answer
    told = f" answered {{status}} after {{seconds:.2f}} s: {{text[:200]}}"
{checks}


"""


def _condition(check: Check) -> str:
    told = f"{_text(check.told)} + told"
    match check.ask:
        case Ask.COMES:
            return f"status > 0, {_text(check.told + ': ')} + text"
        case Ask.BELOW:
            return f"status < {check.number:g}, {told}"
        case Ask.OTHER_THAN:
            return f"status != {check.number:g}, {told}"
        case Ask.WITHOUT:
            return f'{_text(check.text)} not in " ".join(text.lower().split()), {told}'
        case Ask.HOLDING:
            return f"{_text(check.text)} in text, {told}"
        case Ask.WITHIN:
            return f"seconds <= {check.number:g}, {told}"


def _crowd(plan: Plan) -> str:
    steps = "".join(f"    {_step(one)},\n" for one in plan.way)
    return f"""USERS, ROUNDS = {plan.users}, {ROUNDS}
WAY = [
{steps}    {_step(plan.failing)},
]


def go(url, user):
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), Stay())
    return [ask(url, step, user, opener) for step in WAY][-1]


"""


def _test(plan: Plan, style: Style) -> str:
    is_script = style.flavour != "pytest"
    base = "base()" if is_script else "base(pytestconfig)"
    given = "" if is_script else "pytestconfig"
    ending = "_by_many_users_at_once" if plan.users else ""
    head = f"def test_{_name(plan)}{ending}({given}):\n"
    if plan.users:
        return f"""{head}    url = {base}
    with concurrent.futures.ThreadPoolExecutor(USERS) as crowd:
        for turn in range(ROUNDS):
            numbers = range(turn * USERS + 1, (turn + 1) * USERS + 1)
            for answer in list(crowd.map(lambda user: go(url, user), numbers)):
                check(answer)
    check(ask(url, WAY[-1]))
"""
    ask = f"ask({base}, {_step(plan.failing)})"
    if not plan.turned:
        return f"{head}    check({ask})\n"
    return f"""{head}    answer = {ask}
    assert answer[0] > 0, answer[1]
    try:
        check(answer)
    except AssertionError:
        return
    raise AssertionError({_text(plan.turned)})
"""


def _ending(calls: Iterable[str]) -> str:
    """Return what makes a script of tests, which tells in JUnit's XML to its argument too."""
    calls = tuple(calls)
    return f"""

if __name__ == "__main__":
    failures = {{}}
    for test in ({", ".join(calls)},):
        try:
            test()
        except AssertionError as failed:
            failures[test.__name__] = str(failed)
    cases = ""
    for name in ({", ".join(_text(name) for name in calls)},):
        told = failures.get(name)
        inner = "" if told is None else f"<failure>{{xml.sax.saxutils.escape(ascii(told))}}</failure>"
        cases += f'<testcase classname="gap" name="{{name}}">{{inner}}</testcase>'
        print(name, "passed" if told is None else told)
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as report:
            report.write(f"<testsuite>{{cases}}</testsuite>")
    sys.exit(1 if failures else 0)
"""


def _name(plan: Plan) -> str:
    words = re.findall(r"[a-z]+", plan.asked.lower())
    return "_".join(words[:8]) or "request"


def _step(step: Step) -> str:
    return f"({_text(step.method)}, {_text(step.path)}, {_text(step.body)}, {_text(step.media)})"


def _text(text: str) -> str:
    """Return a text as a literal of the language."""
    return ascii(text)
