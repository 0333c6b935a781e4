"""Titles, notes, versions, logs and answers try to take over the terminal, the shell and the documents."""

from __future__ import annotations

import pytest

from tests.acceptance.shop import Shop, explains
from tests.acceptance.test_whole_way import REGRESSION, WORDS, sign_what_is_left

TEXTS = {
    "escape codes": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x1b[0m \x9b31m \x08\x08\x7f"
    " abc \u202etxt.exe\u202c \u2066x\u2069 \u200f \u2028 next \u2029 \ufeff",
    "lines": "one\r\ntwo\n\n# heading\n\n### P0 CRITICAL - fake (2020-01-01)\n\n- [x] done\n---\n",
    "shell": "$(touch owned) `touch owned` ; touch owned | touch owned & {version} {operation} %s %n"
    " [/bold][link=http://x]x[/link] <script>alert(1)</script> <!-- andon:INC-9 --> **b** | a | b |",
    "fences": "```\n~~~~\n<details>\n| x |\n> quoted\n    code\n* * *",
}
LONG = "x" * 100_000


def respond(shop: Shop, text: str) -> None:
    """Go the whole way with `text` in everything that a person writes."""
    document = text + ("\n```\n" if text.startswith("```") else "")  # one without end is refused
    sections = [word for key, words in WORDS.items() for word in ("--set", f"{key}={words}\n{document}")]
    lesson = [word for field, words in REGRESSION.items() for word in (f"--{field}", f"{words}\n{document}")]
    for words in (
        ("declare", f"broken {text}", "-s", "P0", "--because", text, "--description", text),
        ("ack",),
        ("note", f"seen: {text}"),
        ("assess", "--cause", text),
        ("decide", "rollback", "--reason", f"alone {text}", "--yes"),
        ("rollback", "--yes", "--watch", "30"),
        ("verify", "--watch", "30"),
        ("severity", "P1", "--reason", f"less {text}"),
        ("skip", "test-added.2", "--reason", f"later {text}"),
        ("mitigate", "--by", f"back {text}"),
        ("resolve", "--cause", f"the price {text}"),
        ("actions", "add", f"alarm {text}", "--kind", "monitoring"),
        ("postmortem", "draft"),
        ("postmortem", "edit", *sections),
        ("regressions", "add", *lesson),
        ("postmortem", "publish"),
        ("status", "--checklist"),
        ("timeline",),
        ("releases",),
        ("board",),
        ("evidence", "list"),
        ("postmortem", "show"),
        ("regressions", "show", "1"),
        ("actions",),
    ):
        shop.andon(*words)
    sign_what_is_left(shop)
    shop.andon("log", "export")
    shop.andon("log")
    shop.andon("close")


@pytest.mark.parametrize("kind", TEXTS)
def test_the_whole_way(shop: Shop, kind: str) -> None:
    text = TEXTS[kind]
    shop.production.body = text.encode("utf-8", "replace") * 20
    shop.production.line = f"ERROR checkout failed: {text}"
    shop.break_it()
    respond(shop, text)
    assert not list(shop.repository.glob("**/owned"))
    assert [entry["incident"] for entry in shop.json("log")["entries"]] == ["INC-1"]
    assert shop.json("log")["unread"] == []
    assert [entry["id"] for entry in shop.json("regressions")["entries"]] == ["REG-1"]
    (published,) = shop.repository.glob("docs/postmortems/*.md")
    written = shop.json("postmortem", "show")["fields"]
    assert {field["key"] for field in written} >= set(WORDS)
    title = published.read_text().splitlines()[0]
    assert "<script>" not in title.replace("\\<", "")
    assert "**b**" not in title.replace("\\*", "")
    for document in (published, shop.repository / "INCIDENTS.md"):
        assert "\x1b" not in document.read_text(), document
    assert shop.ask("audit")["whole"]


def test_texts_without_end(shop: Shop) -> None:
    shop.production.body = LONG.encode() * 10
    shop.production.line = f"ERROR checkout failed: {LONG}"
    shop.break_it()
    respond(shop, LONG)
    assert len(shop.andon("status", "INC-1").stdout) < 20_000
    assert len(shop.andon("board", "--once").stdout) < 20_000
    assert shop.ask("audit")["whole"]


@pytest.mark.parametrize(
    "word", ["\x1b[31m", "a\nb", "x" * 400, "$(reboot)", "../../etc/passwd", "-rf", "\u202e"]
)
def test_names_that_are_none(shop: Shop, word: str) -> None:
    shop.declare()
    shop.andon("deployed", word, code=(0, 2))
    for words in (
        ("deployed", "v9", f"--commit={word}", "--json"),
        ("rollback", f"--to={word}", "--plan", "--json"),
        ("status", word),
        ("evidence", "show", word),
        ("sign", word, "--reason", "x"),
        ("actions", "done", word, "--proof", "x"),
        ("regressions", "show", word),
        ("protocol", "show", word),
        ("log", "import", word),
        ("drill", word),
        (word,),
    ):
        done = shop.andon(*words, code=(1, 2, 3))
        explains(done)
    shop.andon("note", "x", "--as", word, code=(0, 2))
    assert shop.ask("audit")["whole"]


def test_bytes_that_are_no_text(shop: Shop) -> None:
    shop.declare()
    surrogate = b"caf\xe9".decode("utf-8", "surrogateescape")
    shop.andon("note", surrogate)
    assert "note: caf\\xe9" in shop.texts()
    shop.andon("ack", surrogate, code=2)
    with (shop.home / "dump").open("wb") as dump:
        dump.write(bytes(range(256)) * 100)
    shop.andon("evidence", "add", str(shop.home / "dump"), "--title", surrogate)
    shop.andon("evidence", "add", str(shop.home / "dump"))
    for evidence in shop.json("evidence", "list"):
        shop.andon("evidence", "show", evidence["evidence"])
        shop.json("evidence", "show", evidence["evidence"])
    assert shop.ask("audit")["whole"]


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_terminal_of_another_encoding(shop: Shop, encoding: str) -> None:
    odd = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    shop.andon("declare", "café \N{EM DASH} \N{FIRE} down", "--no-capture", **odd)
    assert shop.json("status")["title"] == "café \N{EM DASH} \N{FIRE} down"
    shop.andon("status", PYTHONIOENCODING=encoding)
    shop.andon("timeline", PYTHONIOENCODING=encoding, **odd)
