"""docs/reference/configuration.md lists every setting with its kind and default, and its examples parse."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

import andon.config.read as reader
from andon.config.read import read_config
from andon.desk.init import detect, write_text
from tests.docs.marked import REFERENCE, rows_of

PAGE = (REFERENCE / "configuration.md").read_text(encoding="utf-8")

#: The function of `config/read*.py` that reads a section, and the section's heading.
SECTIONS = {
    "read_config": "## The service",
    "_service": "## The service",
    "read_deploy": "## `[deploy]`",
    "_probe": "## `[[smoke]]`",
    "_log": "## `[[logs]]`",
    "_known_error": "## `[[known_error]]`",
    "_flag": "## `[[flag]]`",
    "read_notify": "## `[notify]`",
    "read_people": "## `[people]`",
    "read_review": "## `[review]`",
    "read_decision": "## `[decision]`",
    "read_verify": "## `[verify]`",
    "read_trial": "## `[trial]`",
    "read_gates": "## `[gates]`",
    "read_ship": "## `[ship]`",
    "_scanner": "## `[[scanner]]`",
    "read_secrets": "## `[secrets]`",
    "read_hotfix": "## `[hotfix]`",
    "read_leak": "## `[leak]`",
    "read_flag_system": "## `[flags]`",
    "read_gap": "## `[gap]`",
    "read_world": "## `[gap.test]` and `[gap.prod]`",
    "_gap_dependency": "## `[[gap.test.dependency]]`",
}
KINDS = {
    "string": "text",
    "name": "text",
    "names": "list of texts",
    "named": "text",
    "strings": "list of texts",
    "argv": "argument list",
    "number": "number",
    "flag": "true or false",
    "numbers": "whole number or a list of them",
    "pairs": "table of texts",
    "scalars": "table of scalars",
    "whole": "whole number",
}
#: What is read when nothing is given and the call names no default.
EMPTY = {
    "name": '""',
    "names": "[]",
    "strings": "[]",
    "argv": "[]",
    "numbers": "[]",
    "pairs": "{}",
    "scalars": "{}",
}


def settings() -> list[tuple[str, str, str, str]]:
    """Return (heading, key, kind, default) of every setting that `config/read*.py` ask for."""
    sources = sorted(Path(reader.__file__).parent.glob("read*.py"))
    body = [node for file in sources for node in ast.parse(file.read_text(encoding="utf-8")).body]
    found = []
    for function in (node for node in body if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if not (
                isinstance(call.func, ast.Attribute) and call.args and isinstance(call.args[0], ast.Constant)
            ):
                continue
            how, key = call.func.attr, call.args[0].value
            if how == "word" or how in KINDS:
                found.append((SECTIONS[function.name], key, _kind(how, call), _default(how, call)))
    return found


def _kind(how: str, call: ast.Call) -> str:
    if how != "word":
        return KINDS[how]
    return " or ".join(f"`{word}`" for word in ast.literal_eval(call.args[1]))


def _default(how: str, call: ast.Call) -> str:
    given = call.args[2] if how == "word" else call.args[1] if len(call.args) > 1 else None
    if given is None:
        return f"`{EMPTY[how]}`" if how in EMPTY else "required"
    if isinstance(given, ast.Name):
        return "the directory's name"
    value = ast.literal_eval(given)
    return f"`{_toml(list(value) if isinstance(value, tuple) else value)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_toml(v) for v in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_settings_are_found() -> None:
    assert len(settings()) > 40


@pytest.mark.parametrize(("heading", "key", "kind", "default"), settings(), ids=lambda value: str(value))
def test_a_setting_is_documented(heading: str, key: str, kind: str, default: str) -> None:
    rows = {row[0]: row for row in rows_of(_section(heading)) if len(row) == 4}
    assert f"`{key}`" in rows, f"{heading}: {key} is not documented"
    assert rows[f"`{key}`"][1:3] == (kind, default)
    assert rows[f"`{key}`"][3], "say what it means"


def test_nothing_is_documented_that_is_not_read() -> None:
    read = {(heading, f"`{key}`") for heading, key, _, _ in settings()}
    for heading in dict.fromkeys(SECTIONS.values()):
        for row in rows_of(_section(heading))[1:]:
            assert (heading, row[0]) in read


def _section(heading: str) -> str:
    assert f"\n{heading}\n" in PAGE, f"no section {heading}"
    return PAGE.partition(f"\n{heading}\n")[2].partition("\n## ")[0]


EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_can_be_read(example: str) -> None:
    read_config(example.encode(), path="andon.toml", root=".", default_service="shop")


def test_the_examples_show_every_setting() -> None:
    shown: set[tuple[str, str]] = set()
    names = {"deploy": "deploy", "smoke": "smoke", "logs": "logs", "notify": "notify", "people": "people"}
    names |= {
        "review": "review",
        "decision": "decision",
        "verify": "verify",
        "trial": "trial",
        "ship": "ship",
    }
    names |= {"review": "review", "decision": "decision", "verify": "verify", "trial": "trial"}
    names |= {"gates": "gates", "scanner": "scanner"}
    for example in map(tomllib.loads, EXAMPLES):
        for key, value in example.items():
            tables = value if isinstance(value, list) else [value]
            shown |= {(key, k) for table in tables if isinstance(table, dict) for k in table}
            shown.add(("", key))
        for world in (example.get("gap", {}).get(name, {}) for name in ("test", "prod")):
            shown |= {("gaptestandgapprod", k) for k in world}
            shown |= {("gaptestdependency", k) for one in world.get("dependency", ()) for k in one}
    for heading, key, _, _ in settings():
        section = re.sub(r"[^a-z_]", "", heading) if "[" in heading else ""
        assert (section, key) in shown, f"no example shows {heading} {key}"


def test_the_documented_way_out_of_a_broken_file_exists() -> None:
    from andon.errors import InvalidInput

    with pytest.raises(InvalidInput) as caught:
        read_config(b"nonsense = 1\n", path="andon.toml", root=".", default_service="shop")
    assert "docs/reference/configuration.md" in caught.value.remedy


def test_what_init_writes_can_be_read_even_with_everything_uncommented(tmp_path: object) -> None:
    text = write_text(detect(str(tmp_path), "shop"))
    read_config(text.encode(), path="andon.toml", root=".", default_service="shop")
    lines = [re.sub(r"^# (?=\[|[a-z_A-Z0-9]+ = )", "", line) for line in text.splitlines()]
    read_config("\n".join(lines).encode(), path="andon.toml", root=".", default_service="shop")
