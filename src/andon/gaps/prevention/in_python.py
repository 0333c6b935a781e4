"""Generated tests in Python, for pytest and as scripts. Texts of others are literals, never code."""

from __future__ import annotations

import ast
import itertools
import re

from andon.gaps.prevention.asking import heading, mark, wanted
from andon.gaps.prevention.late_answer import HAS_COME, late_answer
from andon.gaps.scale.journey import content_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.failure import Failure
    from andon.gaps.prevention.drafts import Style
    from andon.gaps.verdict import Search

_EXPECT = re.compile(r"^(\s+)expect\(.*\)\s*$")
_TEST = re.compile(r"^(?:async )?def test_|^class ")


def request_test(search: Search, failure: Failure, style: Style, needs: str = "") -> str:
    """Return a test that asks the failing request once; `needs` tells the world in which it can be red."""
    body = f"{_call(failure, style)}    check(ask({_base(style)}, {_failing(failure)}))\n"
    return _file(search, failure, style, body, needs)


def crowd_test(
    search: Search,
    failure: Failure,
    style: Style,
    way: Sequence[Exchange],
    users: int,
    needs: str = "",
    rounds: int = 3,
) -> str:
    """Return a test in which so many users go the failing way at once, and one looks afterwards."""
    steps = "".join(f"    {_request(e.method, e.path, e.sent)},\n" for e in way)
    failing = _failing(failure)
    return _file(
        search,
        failure,
        style,
        f"""USERS, ROUNDS = {users}, {rounds}
WAY = [
{steps}    {failing},
]


def go(url, user):
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), Stay())
    return [ask(url, step, user, opener) for step in WAY][-1]


{_call(failure, style, "_by_many_users_at_once")}    url = {_base(style)}
    with concurrent.futures.ThreadPoolExecutor(USERS) as crowd:
        for turn in range(ROUNDS):
            numbers = range(turn * USERS + 1, (turn + 1) * USERS + 1)
            for answer in list(crowd.map(lambda user: go(url, user), numbers)):
                check(answer)
    check(ask(url, WAY[-1]))
""",
        needs,
        is_crowd=True,
    )


def slowed(
    search: Search,
    style: Style,
    *,
    profile: tuple[float, float, float] = (0.0, 0.0, 0.0),
    endpoint: str = "",
    milliseconds: float = 0.0,
    needs: str = "",
) -> str:
    """Return the journey's own test file with production's network: a profile, or one late answer."""
    if endpoint:
        what = f"    page.add_init_script({late_answer(endpoint, milliseconds)!r})\n"
    else:
        latency, down, up = profile
        what = (
            "    session = page.context.new_cdp_session(page)\n"
            '    session.send("Network.enable")\n'
            "    session.send(\n"
            '        "Network.emulateNetworkConditions",\n'
            f'        {{"offline": False, "latency": {latency:g}, "downloadThroughput": {down or -1:g},'
            f' "uploadThroughput": {up or -1:g}}},\n'
            "    )\n"
        )
    hook = (
        f"\n{_head(search, needs)}import pytest as _pytest  # noqa: E402\n\n\n"
        "@_pytest.fixture(autouse=True)\n"
        f"def _as_in_production(page):\n{what}\n\n"
    )
    lines = style.text.split("\n")
    at = _after_imports(style.text)
    rest = _looking_again(lines[at:]) if endpoint else lines[at:]
    return "\n".join([*lines[:at], hook, *rest])


def _after_imports(text: str) -> int:
    """Return the number of lines up to the last import at the top; 0 for a text that is no Python."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return 0
    return max((n.end_lineno or 0 for n in body if isinstance(n, ast.Import | ast.ImportFrom)), default=0)


def _looking_again(lines: Sequence[str]) -> list[str]:
    """Let each test look once more, when the late answer has come, at what it saw last."""
    begins = [i for i, line in enumerate(lines) if _TEST.match(line.strip())] + [len(lines)]
    last = set()
    for start, end in itertools.pairwise(begins):
        seen = [i for i in range(start, end) if _EXPECT.match(lines[i])]
        last.update(seen[-1:])
    again = []
    for i, line in enumerate(lines):
        again.append(line)
        if i in last:
            indent = line[: len(line) - len(line.lstrip())]
            again += [f'{indent}page.wait_for_function("{HAS_COME}")', line]
    return again


def _head(search: Search, needs: str) -> str:
    return "".join(f"# {line}\n" for line in heading(search, needs))


def _call(failure: Failure, style: Style, ending: str = "") -> str:
    given = "pytestconfig" if style.flavour == "pytest" else ""
    return f"def test_{_name(failure)}{ending}({given}):\n"


def _base(style: Style) -> str:
    return "base(pytestconfig)" if style.flavour == "pytest" else "base()"


def _checks(search: Search, failure: Failure) -> str:
    asked = f"{mark(search)}: {failure.method} {failure.path}"
    ask = wanted(failure)
    checks = [f"    assert status > 0, {_text(asked + ' did not answer: ')} + text"]
    if ask.below:
        checks.append(f"    assert status < {ask.below}, {_text(asked)} + told")
    if ask.other_than:
        checks.append(f"    assert status != {ask.other_than}, {_text(asked)} + told")
    if ask.without:
        checks.append(
            f'    assert {_text(ask.without)} not in " ".join(text.lower().split()), {_text(asked)} + told'
        )
    if ask.holding:
        checks.append(f"    assert {_text(ask.holding)} in text, {_text(asked)} + told")
    if ask.within:
        checks.append(f"    assert seconds <= {ask.within:g}, {_text(asked + ' is slow')} + told")
    return "\n".join(checks)


def _file(
    search: Search, failure: Failure, style: Style, body: str, needs: str, *, is_crowd: bool = False
) -> str:
    is_script = style.flavour != "pytest"
    modules = ["os", "time", "urllib.error", "urllib.request"]
    modules += ["concurrent.futures"] if is_crowd else []
    modules += ["sys", "xml.sax.saxutils"] if is_script else []
    imports = "".join(f"import {module}\n" for module in sorted(modules))
    if is_crowd:
        given = ", user=1, opener=None"
        own = '[part.replace("{user}", str(user)).replace("{turn}", "1") for part in step]'
        opener = "opener or urllib.request.build_opener(Stay())"
    else:
        given, own, opener = "", "step", "urllib.request.build_opener(Stay())"
    option = "" if is_script else ' or pytestconfig.getoption("base_url", None)'
    calls = re.findall(r"^def (test_\w+)", body, re.MULTILINE)
    return f"""{_head(search, needs)}{imports}

class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def base({"" if is_script else "pytestconfig"}):
    given = os.environ.get({_text(style.url_variable)}){option}
    return (given or "http://127.0.0.1:8000").rstrip("/")


def ask(url, step{given}):
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


def check(answer):
    status, text, seconds = answer
    told = f" answered {{status}} after {{seconds:.2f}} s: {{text[:200]}}"
{_checks(search, failure)}


{body}{_ending(calls) if is_script else ""}"""


def _ending(calls: Sequence[str]) -> str:
    """Return what makes a script of tests, which tells in JUnit's XML to its argument too."""
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


def _name(failure: Failure) -> str:
    words = re.findall(r"[a-z]+", f"{failure.method} {failure.endpoint}".lower())
    return "_".join(words[:8]) or "request"


def _failing(failure: Failure) -> str:
    return _request(failure.method, failure.path, failure.body, failure.content_type)


def _request(method: str, path: str, body: str, media: str = "") -> str:
    return f"({_text(method)}, {_text(path)}, {_text(body)}, {_text(media or content_type(body))})"


def _text(text: str) -> str:
    """Return a text as a literal of the language."""
    return ascii(text)
