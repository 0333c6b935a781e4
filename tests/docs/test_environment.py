"""Every environment variable that the program reads is documented."""

from __future__ import annotations

import ast

from tests.docs.marked import REFERENCE, ROOT

#: Read on the way to git's own answer: git documents these.
OF_GIT = {
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_VALUE_",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "XDG_CONFIG_HOME",
}
#: Read where the system says who somebody is.
OF_THE_SYSTEM = {"USER", "HOME", "PATH"}


def read_variables() -> set[str]:
    """Return the names that the program asks the environment for, the drill's own world left out."""
    found = set()
    program = ROOT / "src" / "andon"
    for source in program.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        if "environ" not in text or "drill" in source.relative_to(program).parts:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, (ast.Call, ast.Subscript)):
                continue
            if "environ" not in ast.unparse(node.func if isinstance(node, ast.Call) else node.value):
                continue
            found |= {
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.isupper()
            }
    return found


def test_every_variable_is_documented() -> None:
    section = (REFERENCE / "commands.md").read_text(encoding="utf-8").partition("\n## Environment\n")[2]
    wanted = read_variables() - OF_GIT - OF_THE_SYSTEM
    assert {"ANDON_JOURNAL", "ANDON_ACTOR", "XDG_CACHE_HOME"} <= wanted
    missing = {name for name in wanted if f"`{name}" not in section.partition("\n## ")[0]}
    assert not missing, ", ".join(sorted(missing))
