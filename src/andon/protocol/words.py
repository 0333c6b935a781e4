"""What the texts of a protocol say: plain text, gear words, key words, severities and deadlines."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

#: Longer texts are taken as they are: nobody writes a checklist line of this length.
LONGEST_LINE = 10_000

#: A label is a short line; a longer one is a sentence that happens to begin like a label.
LONGEST_LABEL = 120
#: From the loosest to the strictest.
GEARS = ("EXPLORE", "BUILD", "SHIP", "HOTFIX")
GEAR_OF_LEVEL = {"0": "explore", "1": "build", "2": "ship", "3": "hotfix"}

_inline = MarkdownIt("commonmark")

_GEAR = re.compile(r"\b(?:execution\s+)?gear\s*[:=]?\s*(explore|build|ship|hotfix)\b", re.IGNORECASE)
_LEVEL = re.compile(
    r"\b(?:process\s+level\s*[:=]?\s*(?:l\s*)?|level\s+|l)([0-3])\b(?:\s*[-:]?\s*(?:explore|build|ship|hotfix)\b)?",
    re.IGNORECASE,
)
_GEAR_WORD = re.compile(r"\bexecution\s+gears?\b", re.IGNORECASE)
_LEVEL_WORD = re.compile(r"\bprocess\s+levels?\b", re.IGNORECASE)
_NEUTRAL = re.compile(r"\bgear (?:explore|build|ship|hotfix)\b")


def plain(source: str) -> str:
    """Return Markdown text without its emphasis and code marks, on one line; a link keeps its target."""
    if len(source) > LONGEST_LINE:
        return " ".join(source.split())
    tokens = _inline.parseInline(source)
    text = "".join(_texts((tokens[0].children if tokens else None) or []))
    return " ".join(text.split())


def _texts(tokens: list[Token]) -> Iterator[str]:
    target = ""
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.type == "link_open":
            target = "" if token.markup == "autolink" else str(token.attrGet("href") or "")
        elif token.type == "link_close":
            yield f" ({target})" if target else ""
        elif token.type == "image":
            yield f"{token.content} ({token.attrGet('src')})"
        else:
            yield token.content


def neutral(text: str) -> str:
    """Return `text` in lower case with every gear or level written the same way (`gear hotfix`)."""
    text = _GEAR.sub(lambda m: f"gear {m[1].lower()}", text)
    text = _LEVEL.sub(lambda m: f"gear {GEAR_OF_LEVEL[m[1]]}", text)
    text = _LEVEL_WORD.sub("gear", _GEAR_WORD.sub("gear", text))
    return " ".join(text.lower().split())


def gears_in(text: str) -> tuple[str, ...]:
    """Return the gears `text` names in either vocabulary, in order: EXPLORE, BUILD, SHIP, HOTFIX."""
    return tuple(found.split()[1].upper() for found in _NEUTRAL.findall(neutral(text)))


#: In which a gear is written with its name alone: "in SHIP", "for a hotfix", a heading "Hotfix checklist".
_GEAR_SHOUTED = re.compile(r"\b(EXPLORE|BUILD|SHIP|HOTFIX)\b")
_GEAR_AFTER = re.compile(
    r"\b(?:during|in|under|for|while|of)\s+(?:an?\s+|the\s+|every\s+)?(explore|build|ship|hotfix)"
    r"(?=\s*(?:$|[:,;.)]|(?:and|or|gear|mode)\b))",
    re.IGNORECASE,
)
_GEAR_ALONE = re.compile(
    r"(?:the\s+)?(explore|build|ship|hotfix)"
    r"(?:\s+(?:gear|mode|rules?|phase|checklist|flow|work|policy|policies))?",
    re.IGNORECASE,
)


def gears_told(text: str) -> tuple[str, ...]:
    """Return the gears a label or heading is about, by whatever name, from EXPLORE to HOTFIX."""
    if len(text) > LONGEST_LABEL:
        return ()
    found = {*gears_in(text), *_GEAR_SHOUTED.findall(text)}
    found |= {name.upper() for name in _GEAR_AFTER.findall(text)}
    alone = _GEAR_ALONE.fullmatch(text.strip(" :>"))
    if alone:
        found.add(alone[1].upper())
    return tuple(gear for gear in GEARS if gear in found)


def without_gears(text: str) -> str:
    """Return the neutral text without its gear words: HOTFIX the gear is not the hotfix response."""
    return " ".join(_NEUTRAL.sub(" ", neutral(text)).split())


def vocabulary_of(text: str) -> str:
    """Return `gears` or `levels`: whichever words the text uses more; gears when in doubt."""
    gears = len(_GEAR.findall(text)) + len(_GEAR_WORD.findall(text))
    levels = len(_LEVEL.findall(text)) + len(_LEVEL_WORD.findall(text))
    return "levels" if levels > gears else "gears"


#: Words that carry no meaning for a binding. "what", "when" and "why" do, so they are not here.
_STOP_WORDS = """
a all also an and any are as at be been both but by can could does each for from has have how if in into is it
its may might more must no not of on or our out over shall should so some still such than that the their them
then there these they this those to too up us via was we were which will with would you your
"""
_STOP = frozenset(_STOP_WORDS.split())

#: Spellings of one thing, before the text is cut into words.
_JOINED = tuple(
    (re.compile(rf"\b{pattern}\b"), word)
    for pattern, word in (
        (r"roll(?:ed|ing|s)?[\s-]+back", "rollback"),
        (r"hot[\s-]+fix", "hotfix"),
        (r"post[\s-]+mortem", "postmortem"),
        (r"follow(?:ed|ing)?[\s-]+ups?", "followup"),
        (r"on[\s-]+call", "oncall"),
        (r"re[\s-]+deploy", "redeploy"),
        (r"back[\s-]+ups?", "backup"),
    )
)

#: Irregular forms and equal words, after stemming.
_SAME = {
    "broke": "break",
    "broken": "break",
    "brok": "break",
    "prod": "production",
    "retro": "postmortem",
    "retrospectiv": "postmortem",
    "revert": "rollback",
    "resolution": "resolv",
    "began": "start",
    "begin": "start",
    "identif": "identify",
    "verif": "verify",
    "notif": "notify",
    "appl": "apply",
    "dependenc": "dependency",
    "compatibilit": "compatibl",
    "reversibilit": "reversibl",
    "differenc": "differ",
    "different": "differ",
}


def key_words(text: str) -> frozenset[str]:
    """Return the meaningful words of `text`, stemmed and spelled one way, for comparing wordings."""
    text = neutral(text).replace("'", "").replace("’", "")
    for pattern, word in _JOINED:
        text = pattern.sub(word, text)
    return frozenset(_stem(word) for word in re.findall(r"[a-z0-9]+", text) if word not in _STOP)


def _stem(word: str) -> str:
    if len(word) > 3 and word not in _SAME:
        for ending in ("ing", "ies", "ied", "ed", "es", "s", "e", "y"):
            if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= 3:
                word = word[: -len(ending)]
                break
        if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
            word = word[:-1]
        if word.endswith("e") and len(word) > 4:
            word = word[:-1]
    return _SAME.get(word, word)


_BARE_BOX = re.compile(r"\s*(?:>\s*)*\[(?:\s{0,3}[xX]?\s{0,3}\](?=\s|$)|\s{1,3}\](?![(\[:]))")


def is_bare_box(line: str) -> bool:
    """True for a line that begins with a box and no bullet, in which Markdown sees only words."""
    return _BARE_BOX.match(line) is not None


_PARENTHESES = re.compile(r"\([^()]*\)")


def main_clause(text: str) -> str:
    """Return `text` without what stands in parentheses."""
    return " ".join(_PARENTHESES.sub(" ", text).split())


_SEVERITY = re.compile(r"\b(P[0-4]|SEV[ -]?[0-5])\b(?:\W{1,3}([A-Za-z]{3,14})\b)?", re.IGNORECASE)
_SEVERITY_WORDS = "critical high medium moderate low informational info minor major severe"
_SEVERITY_NAMES = frozenset(_SEVERITY_WORDS.split())


def severities_in(text: str) -> tuple[tuple[str, str], ...]:
    """Return the severity codes of `text` with the word that follows each ("P0", "CRITICAL"), or ""."""
    return tuple(
        (
            code.upper().replace(" ", "").replace("-", ""),
            name.upper() if name.lower() in _SEVERITY_NAMES else "",
        )
        for code, name in _SEVERITY.findall(text)
    )


_WITHIN = re.compile(
    r"\b(?:within|no later than)\s+(?:the\s+)?([0-9]{1,3})(?:\s*(?:-|–|to|or)\s*([0-9]{1,3}))?\s*"
    r"(minutes?|mins?|hours?|hrs?|h|(?:business\s+|working\s+)?days?|weeks?)\b",
    re.IGNORECASE,
)
_HOURS = {"h": 1, "d": 24, "b": 24, "w": 168}


def deadlines_in(text: str) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """Return (earliest, latest, severity codes) in hours for each "within ..." of `text`.

    A limit is for the severities named between it and the next limit; minutes are not a deadline of a
    protocol and are left out; a business day counts as a day.
    """
    found = list(_WITHIN.finditer(text))
    limits = []
    for here, after in zip(found, [*found[1:], None], strict=True) if found else ():
        unit = here[3].lower()
        hours = 168 if unit.startswith("week") else _HOURS.get(unit[0], 24 if "day" in unit else 0)
        if not hours:
            continue
        first, last = int(here[1]) * hours, int(here[2] or here[1]) * hours
        clause = text[here.end() : after.start() if after else len(text)]
        codes = tuple(dict.fromkeys(code for code, _ in severities_in(clause)))
        limits.append((min(first, last), max(first, last), codes))
    return tuple(limits)


_PROHIBITION = re.compile(
    r"(?:please\s+)?(?:do not|don['’]?t|never|avoid|must not|no longer)\b", re.IGNORECASE
)


def is_prohibition(text: str) -> bool:
    """True for a line that says what not to do."""
    return _PROHIBITION.match(text) is not None
