"""Generated tests for Playwright Test and for node's own runner. Texts of others are literals, never code."""

from __future__ import annotations

import json
import re

from andon.gaps.prevention.late_answer import HAS_COME
from andon.gaps.prevention.plan import ROUNDS, Ask, looking_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.gaps.prevention.drafts import Style
    from andon.gaps.prevention.plan import Check, Plan, Slowing, Step

#: What a test file is headed by: imports, over several lines too, and requires.
_IMPORT = re.compile(
    r"^(?:import\b[^;'\"]*?from\s*['\"][^'\"\n]+['\"]|import\s*['\"][^'\"\n]+['\"]"
    r"|(?:const|let|var)\b[^;=]*=\s*require\([^)\n]*\))[^\n]*(?:\n|\Z)",
    re.MULTILINE,
)
_EXPECT = re.compile(r"^\s*await expect\(.*\)\s*;?\s*$")
_TEST = re.compile(r"^\s*test(?:\.\w+)?\(")
#: A text as a person reads it: in lower case, with single spaces.
_FLAT = "answer.text.toLowerCase().replace(/\\s+/g, ' ')"


def written(plan: Plan, style: Style) -> str:
    """Return the file of a test."""
    is_common = "require(" in style.text and not re.search(r"^import\b", style.text, re.MULTILINE)
    is_playwright = style.flavour == "playwright"
    if not is_playwright:
        load = "import test from 'node:test';\nimport assert from 'node:assert/strict';"
    elif is_common:
        load = "const { test, expect } = require('@playwright/test');"
    else:
        load = "import { test, expect } from '@playwright/test';"
    helpers = _playwright_helpers(plan, style) if is_playwright else _node_helpers(plan, style)
    if plan.users:
        test = _playwright_crowd(plan) if is_playwright else _node_crowd(plan)
    else:
        test = _playwright_test(plan) if is_playwright else _node_test(plan)
    return f"{load}\n\n{_head(plan.heading)}{helpers}\n{test}"


def slowed(slowing: Slowing) -> str:
    """Return the journey's own test file with production's network."""
    if slowing.script:
        what = f"  await page.addInitScript({json.dumps(slowing.script)});\n"
    else:
        what = (
            "  const session = await page.context().newCDPSession(page);\n"
            "  await session.send('Network.enable');\n"
            "  await session.send('Network.emulateNetworkConditions', {\n"
            f"    offline: false, latency: {slowing.latency:g},"
            f" downloadThroughput: {slowing.down:g}, uploadThroughput: {slowing.up:g},\n"
            "  });\n"
        )
    hook = f"\n{_head(slowing.heading)}test.beforeEach(async ({{ page }}) => {{\n{what}}});\n"
    imports = list(_IMPORT.finditer(slowing.text))
    at = imports[-1].end() if imports else 0
    rest = slowing.text[at:].split("\n")
    if slowing.script:
        rest = looking_again(
            rest,
            _TEST.match,
            _EXPECT.match,
            lambda indent: f"{indent}await page.waitForFunction({HAS_COME});",
        )
    return slowing.text[:at] + hook + "\n".join(rest)


def _head(heading: Iterable[str]) -> str:
    return "".join(f"// {line}\n" for line in heading)


# ---- Playwright Test


def _playwright_test(plan: Plan) -> str:
    check = "  check(answer);\n"
    if plan.turned:
        check = (
            "  expect(answer.status, answer.text).toBeGreaterThan(0);\n"
            f"  expect(() => check(answer), {_text(plan.turned)}).toThrow();\n"
        )
    return f"""test({_text(plan.title)}, async ({{ request }}) => {{
  const answer = await ask(request, {_step(plan.failing)});
{check}}});
"""


def _playwright_crowd(plan: Plan) -> str:
    steps = "".join(f"        await ask(own, {_step(one)}, user);\n" for one in plan.way)
    title = _text(f"{plan.title} by many users at once")
    return f"""const users = {plan.users};
const rounds = {ROUNDS};

test({title}, async ({{ playwright, request, baseURL }}) => {{
  for (let round = 0; round < rounds; round += 1) {{
    const goes = Array.from({{ length: users }}, async (_, number) => {{
      const user = number + round * users + 1;
      const own = await playwright.request.newContext({{ baseURL: base || baseURL }});
      try {{
{steps}        return await ask(own, {_step(plan.failing)}, user);
      }} finally {{
        await own.dispose();
      }}
    }});
    for (const answer of await Promise.all(goes)) check(answer);
  }}
  check(await ask(request, {_step(plan.failing)}));
}});
"""


def _playwright_helpers(plan: Plan, style: Style) -> str:
    checks = "\n".join(f"  {_expectation(one)};" for one in plan.checks)
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
{checks}
}}
"""


def _expectation(check: Check) -> str:
    told = _text(check.told)
    match check.ask:
        case Ask.COMES:
            return f"expect(answer.status, {told}).toBeGreaterThan(0)"
        case Ask.BELOW:
            return f"expect(answer.status, {told}).toBeLessThan({check.number:g})"
        case Ask.OTHER_THAN:
            return f"expect(answer.status, {told}).not.toBe({check.number:g})"
        case Ask.WITHOUT:
            return f"expect({_FLAT}, {told}).not.toContain({_text(check.text)})"
        case Ask.HOLDING:
            return f"expect(answer.text, {told}).toContain({_text(check.text)})"
        case Ask.WITHIN:
            return f"expect(answer.seconds, {told}).toBeLessThanOrEqual({check.number:g})"


# ---- node's own runner


def _node_test(plan: Plan) -> str:
    check = "  check(answer);\n"
    if plan.turned:
        check = (
            "  assert.ok(answer.status > 0, answer.text);\n"
            f"  assert.throws(() => check(answer), assert.AssertionError, {_text(plan.turned)});\n"
        )
    return f"""test({_text(plan.title)}, async () => {{
  const answer = await ask({_step(plan.failing)});
{check}}});
"""


def _node_crowd(plan: Plan) -> str:
    steps = "".join(f"      await ask({_step(one)}, user);\n" for one in plan.way)
    return f"""const users = {plan.users};
const rounds = {ROUNDS};

test({_text(plan.title + " by many users at once")}, async () => {{
  for (let round = 0; round < rounds; round += 1) {{
    const goes = Array.from({{ length: users }}, async (_, number) => {{
      const user = number + round * users + 1;
{steps}      return await ask({_step(plan.failing)}, user);
    }});
    for (const answer of await Promise.all(goes)) check(answer);
  }}
  check(await ask({_step(plan.failing)}));
}});
"""


def _node_helpers(plan: Plan, style: Style) -> str:
    told = f"{_text(plan.told + ' answered ')} + answer.status + ': ' + answer.text.slice(0, 200)"
    checks = "".join(f"  assert.ok({_condition(one)}, {told});\n" for one in plan.checks)
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


def _condition(check: Check) -> str:
    match check.ask:
        case Ask.COMES:
            return "answer.status > 0"
        case Ask.BELOW:
            return f"answer.status < {check.number:g}"
        case Ask.OTHER_THAN:
            return f"answer.status !== {check.number:g}"
        case Ask.WITHOUT:
            return f"!{_FLAT}.includes({_text(check.text)})"
        case Ask.HOLDING:
            return f"answer.text.includes({_text(check.text)})"
        case Ask.WITHIN:
            return f"answer.seconds <= {check.number:g}"


def _step(step: Step) -> str:
    return f"[{_text(step.method)}, {_text(step.path)}, {_text(step.body)}, {_text(step.media)}]"


def _text(text: str) -> str:
    """Return a text as a literal of the language."""
    return json.dumps(text)
