"""Generated tests for Playwright Test and for node's own runner. Texts of others are literals, never code."""

from __future__ import annotations

import itertools
import json
import re

from andon.gaps.prevention.asking import heading, mark, one_line, wanted
from andon.gaps.prevention.late_answer import HAS_COME, late_answer
from andon.gaps.scale.journey import content_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.failure import Failure
    from andon.gaps.prevention.drafts import Style
    from andon.gaps.verdict import Search

#: What a test file is headed by: imports, over several lines too, and requires.
_IMPORT = re.compile(
    r"^(?:import\b[^;'\"]*?from\s*['\"][^'\"\n]+['\"]|import\s*['\"][^'\"\n]+['\"]"
    r"|(?:const|let|var)\b[^;=]*=\s*require\([^)\n]*\))[^\n]*(?:\n|\Z)",
    re.MULTILINE,
)
_EXPECT = re.compile(r"^\s*await expect\(.*\)\s*;?\s*$")
_TEST = re.compile(r"^\s*test(?:\.\w+)?\(")


def request_test(search: Search, failure: Failure, style: Style, needs: str = "") -> str:
    """Return a test that asks the failing request once; `needs` tells the world in which it can be red."""
    given = "{ request }" if style.flavour == "playwright" else ""
    own = "request, " if style.flavour == "playwright" else ""
    return _file(
        search,
        style,
        f"""test({_text(_title(failure))}, async ({given}) => {{
  const answer = await ask({own}{_failing(failure)});
  check(answer);
}});
""",
        _helpers(search, failure, style),
        needs,
    )


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
    if style.flavour != "playwright":
        return _node_crowd(search, failure, style, way, users, needs, rounds)
    steps = "".join(f"        await ask(own, {_request(e.method, e.path, e.sent)}, user);\n" for e in way)
    failing = _failing(failure)
    return _file(
        search,
        style,
        f"""const users = {users};
const rounds = {rounds};

test({_text(_title(failure) + " by many users at once")}, async ({{ playwright, request, baseURL }}) => {{
  for (let round = 0; round < rounds; round += 1) {{
    const goes = Array.from({{ length: users }}, async (_, number) => {{
      const user = number + round * users + 1;
      const own = await playwright.request.newContext({{ baseURL: base || baseURL }});
      try {{
{steps}        return await ask(own, {failing}, user);
      }} finally {{
        await own.dispose();
      }}
    }});
    for (const answer of await Promise.all(goes)) check(answer);
  }}
  check(await ask(request, {failing}));
}});
""",
        _helpers(search, failure, style),
        needs,
    )


def _node_crowd(
    search: Search,
    failure: Failure,
    style: Style,
    way: Sequence[Exchange],
    users: int,
    needs: str,
    rounds: int,
) -> str:
    steps = "".join(f"      await ask({_request(e.method, e.path, e.sent)}, user);\n" for e in way)
    failing = _failing(failure)
    return _file(
        search,
        style,
        f"""const users = {users};
const rounds = {rounds};

test({_text(_title(failure) + " by many users at once")}, async () => {{
  for (let round = 0; round < rounds; round += 1) {{
    const goes = Array.from({{ length: users }}, async (_, number) => {{
      const user = number + round * users + 1;
{steps}      return await ask({failing}, user);
    }});
    for (const answer of await Promise.all(goes)) check(answer);
  }}
  check(await ask({failing}));
}});
""",
        _helpers(search, failure, style),
        needs,
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
        script = json.dumps(late_answer(endpoint, milliseconds))
        what = f"  await page.addInitScript({script});\n"
    else:
        latency, down, up = profile
        what = (
            "  const session = await page.context().newCDPSession(page);\n"
            "  await session.send('Network.enable');\n"
            "  await session.send('Network.emulateNetworkConditions', {\n"
            f"    offline: false, latency: {latency:g},"
            f" downloadThroughput: {down or -1:g}, uploadThroughput: {up or -1:g},\n"
            "  });\n"
        )
    hook = f"\n{_head(search, needs)}test.beforeEach(async ({{ page }}) => {{\n{what}}});\n"
    imports = list(_IMPORT.finditer(style.text))
    at = imports[-1].end() if imports else 0
    rest = style.text[at:]
    return style.text[:at] + hook + (_looking_again(rest) if endpoint else rest)


def _looking_again(text: str) -> str:
    """Let each test look once more, when the late answer has come, at what it saw last."""
    lines = text.split("\n")
    begins = [i for i, line in enumerate(lines) if _TEST.match(line)] + [len(lines)]
    found: dict[int, str] = {}
    for start, end in itertools.pairwise(begins):
        last = [i for i in range(start, end) if _EXPECT.match(lines[i])]
        if last:
            found[last[-1]] = lines[last[-1]]
    again = []
    for i, line in enumerate(lines):
        again.append(line)
        if i in found:
            indent = line[: len(line) - len(line.lstrip())]
            again += [f"{indent}await page.waitForFunction({HAS_COME});", line]
    return "\n".join(again)


def _file(search: Search, style: Style, body: str, helpers: str, needs: str) -> str:
    is_common = "require(" in style.text and not re.search(r"^import\b", style.text, re.MULTILINE)
    if style.flavour != "playwright":
        load = "import test from 'node:test';\nimport assert from 'node:assert/strict';"
    elif is_common:
        load = "const { test, expect } = require('@playwright/test');"
    else:
        load = "import { test, expect } from '@playwright/test';"
    return f"{load}\n\n{_head(search, needs)}{helpers}\n{body}"


def _head(search: Search, needs: str) -> str:
    return "".join(f"// {line}\n" for line in heading(search, needs))


def _helpers(search: Search, failure: Failure, style: Style) -> str:
    if style.flavour != "playwright":
        return _node_helpers(search, failure, style)
    asked = f"{mark(search)}: {failure.method} {failure.path}"
    ask = wanted(failure)
    checks = [f"  expect(answer.status, {_text(asked + ' did not answer')}).toBeGreaterThan(0);"]
    if ask.below:
        checks.append(f"  expect(answer.status, {_text(asked)}).toBeLessThan({ask.below});")
    if ask.other_than:
        checks.append(f"  expect(answer.status, {_text(asked)}).not.toBe({ask.other_than});")
    if ask.without:
        flat = "answer.text.toLowerCase().replace(/\\s+/g, ' ')"
        checks.append(f"  expect({flat}, {_text(asked)}).not.toContain({_text(ask.without)});")
    if ask.holding:
        checks.append(f"  expect(answer.text, {_text(asked)}).toContain({_text(ask.holding)});")
    if ask.within:
        checks.append(
            f"  expect(answer.seconds, {_text(asked + ' is slow')}).toBeLessThanOrEqual({ask.within:g});"
        )
    return f"""const base = process.env[{_text(style.url_variable)}] ?? '';

async function ask(context, [method, path, data, type], user = 1) {{
  const began = Date.now();
  const own = (text) => text.replaceAll('{{user}}', String(user)).replaceAll('{{turn}}', '1');
  const more = data ? {{ data: own(data), headers: {{ 'content-type': type }} }} : {{}};
  try {{
    const answer = await context.fetch(base + own(path), {{ method, maxRedirects: 0, ...more }});
    return {{ status: answer.status(), text: await answer.text(), seconds: (Date.now() - began) / 1000 }};
  }} catch (problem) {{
    return {{ status: 0, text: String(problem), seconds: (Date.now() - began) / 1000 }};
  }}
}}

function check(answer) {{
{chr(10).join(checks)}
}}
"""


def _node_helpers(search: Search, failure: Failure, style: Style) -> str:
    asked = f"{mark(search)}: {failure.method} {failure.path}"
    ask = wanted(failure)
    told = f"{_text(asked + ' answered ')} + answer.status + ': ' + answer.text.slice(0, 200)"
    conditions = ["answer.status > 0"]
    if ask.below:
        conditions.append(f"answer.status < {ask.below}")
    if ask.other_than:
        conditions.append(f"answer.status !== {ask.other_than}")
    if ask.without:
        flat = "answer.text.toLowerCase().replace(/\\s+/g, ' ')"
        conditions.append(f"!{flat}.includes({_text(ask.without)})")
    if ask.holding:
        conditions.append(f"answer.text.includes({_text(ask.holding)})")
    if ask.within:
        conditions.append(f"answer.seconds <= {ask.within:g}")
    checks = "".join(f"  assert.ok({one}, {told});\n" for one in conditions)
    return f"""const base = process.env[{_text(style.url_variable)}] ?? 'http://127.0.0.1:8000';

async function ask([method, path, data, type], user = 1) {{
  const began = Date.now();
  const own = (text) => text.replaceAll('{{user}}', String(user)).replaceAll('{{turn}}', '1');
  const more = data ? {{ body: own(data), headers: {{ 'content-type': type }} }} : {{}};
  try {{
    const answer = await fetch(base + own(path), {{ method, redirect: 'manual', ...more }});
    return {{ status: answer.status, text: await answer.text(), seconds: (Date.now() - began) / 1000 }};
  }} catch (problem) {{
    return {{ status: 0, text: String(problem), seconds: (Date.now() - began) / 1000 }};
  }}
}}

function check(answer) {{
{checks}}}
"""


def _title(failure: Failure) -> str:
    return f"{failure.method} {one_line(failure.endpoint, 80)} answers as it should"


def _failing(failure: Failure) -> str:
    return _request(failure.method, failure.path, failure.body, failure.content_type)


def _request(method: str, path: str, body: str, media: str = "") -> str:
    return f"[{_text(method)}, {_text(path)}, {_text(body)}, {_text(media or content_type(body))}]"


def _text(text: str) -> str:
    """Return a text as a literal of the language."""
    return json.dumps(text)
