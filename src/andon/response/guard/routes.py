"""Ways in that a text opens: routes of web frameworks, commands and options of command lines."""

from __future__ import annotations

import re

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.guard.structure import Structure


class WayIn(Record):
    """A route, a command or an option."""

    #: `route`, `command` or `option`.
    what: str
    #: What is the same wherever it stands: the call and its first literal.
    key: str
    line: int


_LITERAL = r"""\(?\s{0,20}[rbuf]?["'`:/]"""
_VERBS = "get|post|put|patch|delete|head|options"
_SCRIPT = "js jsx mjs cjs ts tsx mts cts"
#: Endings, what it is, and how it begins; the literal that follows makes the key. Bounded everywhere.
_TABLE: tuple[tuple[str, str, str], ...] = (
    ("py", "route", rf"@\w[\w.]{{0,80}}\.(?:route|websocket|api_route|{_VERBS}){_LITERAL}"),
    ("py", "route", r"\b(?:add_url_rule|add_(?:api_|websocket_)?route|add_view)\(\s{0,20}[rf]?[\"']"),
    ("py", "route", rf"\brouter\.(?:add_(?:{_VERBS}|route|view)|register)\s{{0,4}}\("),
    ("py", "route", r"(?<![\w.])(?:re_path|path|url)\(\s{0,20}[rf]?[\"']"),
    ("py", "command", r"@\w[\w.]{0,80}\.(?:command|group)\b|@(?:command|group)\("),
    ("py", "command", r"\.add_parser\s{0,4}\("),
    ("py", "option", r"\.(?:add_argument|add_option)\(\s{0,20}[\"']--|@(?:click\.)?option\(\s{0,20}[\"']-"),
    (_SCRIPT, "route", rf"\b(?:app|server|fastify|api|route[rs]?)\.(?:{_VERBS}|all|ws|route){_LITERAL}"),
    (_SCRIPT, "route", r"@(?:Get|Post|Put|Patch|Delete|All|Controller|Sse|WebSocketGateway)\("),
    (_SCRIPT, "command", r"\.command\(\s{0,20}[\"'`]"),
    (_SCRIPT, "option", r"\.option\(\s{0,20}[\"'`]-"),
    ("rb ru", "route", rf"^[ \t]{{0,40}}(?:{_VERBS}|match|resources?|mount)[ (]\s{{0,4}}[\"':]"),
    ("rb rake", "command", r"^[ \t]{0,40}task[ (]\s{0,4}[\"':\w]"),
    ("rb", "option", r"\b(?:opts?|parser|options?)\.on\(?\s{0,4}[\"']-"),
    ("go", "route", r"\.(?:Handle(?:Func)?|Any|(?i:get|post|put|patch|delete))\(\s{0,20}[\"`]/"),
    ("go", "command", r"\bcobra\.Command\{|\bcli\.Command\{"),
    ("go", "option", r"\bflag\.(?:String|Bool|Int|Int64|Uint|Float64|Duration)(?:Var)?\("),
    ("go", "option", r"\.Flags\(\)\.\w{1,30}\("),
    ("java kt groovy scala", "route", r"@(?:Get|Post|Put|Patch|Delete|Request)Mapping\b|@(?:Path|Route)\("),
    ("kt kts", "route", rf"(?<![\w.])(?:{_VERBS}|route)\(\s{{0,20}}\"/"),
    ("php", "route", rf"\bRoute::(?:{_VERBS}|any|match|resource|apiResource)\(|#\[Route\("),
    ("php", "route", rf"\$(?:app|router|r|routes)->(?:{_VERBS}|any|map|add)\(\s{{0,20}}[\"']"),
    ("php", "command", r"\$signature\s{0,4}=|#\[AsCommand\("),
    ("rs", "route", rf"#\[(?:{_VERBS}|route)\(|\.route\(\s{{0,20}}\""),
    ("rs", "command", r"\.subcommand\(|\bSubCommand::with_name\("),
    ("cs", "route", r"\[Http(?:Get|Post|Put|Patch|Delete)\b|\[Route\(|\.Map(?:Get|Post|Put|Patch|Delete)\("),
    ("ex exs", "route", rf"^[ \t]{{0,40}}(?:{_VERBS}|resources|live|forward)\s{{1,4}}\"/"),
)  # fmt: skip
_COMPILED = tuple(
    (frozenset(endings.split()), what, re.compile(pattern, re.MULTILINE)) for endings, what, pattern in _TABLE
)
_KEY = re.compile(r"""["'`]([^"'`\n]{0,200})|:(\w{1,80})""")
#: A file whose place alone is a route.
_BY_PLACE = re.compile(
    r"(?:^|/)(?:pages/api/.+|app/(?:.+/)?(?:route|page))\.[jt]sx?$|/\+(?:server|page)\.\w+$"
)
_COMMAND_FILE = re.compile(r"(?:^|/)management/commands/[^_/][^/]*\.py$|(?:^|/)lib/tasks/.+\.rake$")


def way_by_place(path: str) -> str:
    """Return `route` or `command` for a file that is one by where it stands; "" for any other."""
    if _BY_PLACE.search(path):
        return "route"
    return "command" if _COMMAND_FILE.search(path) else ""


def ways_in(path: str, text: str, structure: Structure) -> Iterator[WayIn]:
    """Yield the ways in that a text opens, outside of comments and literals."""
    ending = path.rpartition(".")[2].lower()
    in_routes = ending not in ("rb", "ru") or "routes" in path or "sinatra" in text[:4000].lower()
    django = path.endswith("urls.py") or "urlpatterns" in text
    for endings, what, pattern in _COMPILED:
        if ending not in endings or (what == "route" and not in_routes):
            continue
        for match in pattern.finditer(text):
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            if not structure.is_code(start) or (_is_django(match[0]) and not django):
                continue
            after = text[match.end() - 1 : match.end() + 200]
            named = _KEY.search(after)
            name = (named[1] or named[2] or "") if named else ""
            key = f"{''.join(match[0].split())} {name}"
            yield WayIn(what=what, key=key, line=structure.line_at(start))


def _is_django(text: str) -> bool:
    return text.startswith(("path(", "re_path(", "url("))
