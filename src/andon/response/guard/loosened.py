"""Settings of `andon.toml` that ask for less than before: smoke tests, proofs of a release, gates."""

from __future__ import annotations

import tomllib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from andon.response.guard.reading import Sides

    _Table = Mapping[str, object]

#: Tables that stand there once for each name, and what people call one.
_NAMED = {
    "smoke": "smoke test",
    "staging": "smoke test of staging",
    "logs": "log",
    "known_error": "known error",
    "scanner": "scanner",
}
#: What a probe or scanner looks at: another one is not the same proof.
_ASKS = ("url", "method", "body", "headers", "tcp", "playwright", "command", "file", "deployer", "ca_file")
#: Settings that ask for as much as they are large, and for nothing where they are absent.
_MORE_IS_LESS = {"redirects": 0.0, "audit_days": 7.0}
_LESS_IS_LESS = {"in_a_row": 2.0}
#: Lists and tables in which each entry asks for something.
_ENTRIES_ASK = ("json_has", "json", "audits", "canary", "protected")
#: Lists of which each entry lets something pass.
_ENTRIES_EXCUSE = ("unknown", "unscanned")
#: Switches with what holds where they are absent; the other way they ask for less.
_STRICT_WHEN = {"critical": True, "ship_branches": True, "tls": True}
_ABSENT = {"critical": True, "ship_branches": False, "tls": False}
_GRADES = ("low", "medium", "high", "critical")
#: Seconds, as `config.model_production` has them; a probe that may take longer passes when it is slow.
_TIMEOUT = 5.0


def loosened(sides: Sides) -> Iterator[tuple[int, str]]:
    """Yield line and words for every setting of `andon.toml` that asks for less than before."""
    is_gone = sides.path != sides.old_path and sides.path.rpartition("/")[2] != "andon.toml"
    before, after = _read(sides.file.before), _read(None if is_gone else sides.file.after)
    if before is None:
        return
    if after is None:
        yield 0, "andon.toml cannot be read any more: its smoke tests are not known"
        return
    for kind, called in _NAMED.items():
        for words, told in _named(called, _tables(before, kind), _tables(after, kind)):
            yield _line(sides, words), told
    for kind in ("verify", "ship", "gates"):
        less = _less(_table(before, kind), _table(after, kind))
        if kind == "ship":
            less += _command_of(_table(before, kind), _table(after, kind))
        if less:
            yield _line(sides, (less[0], kind)), f"[{kind}] asks for less: {', '.join(less)}"


def _named(
    called: str, before: Mapping[str, _Table], after: Mapping[str, _Table]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield words that stand in the change, and what to say, for the tables of one kind."""
    for name, table in before.items():
        if name not in after:
            others = [{**other, "name": name} for key, other in after.items() if key not in before]
            if table not in others:
                yield (f'"{name}"', name), f"{called} `{name}` is gone"
            continue
        new = after[name]
        less = _less(table, new)
        if less:
            yield (less[0], name), f"{called} `{name}` asks for less: {', '.join(less)}"
        other = [key for key in _ASKS if table.get(key) != new.get(key)]
        if called == "log":
            other = [key for key in other if key in ("file", "command", "deployer")]
        if other:
            yield (other[0], name), f"{called} `{name}` asks something else: {', '.join(other)}"


def _less(old: _Table, new: _Table) -> list[str]:
    """Return the settings by which a table asks for less than before."""
    found = [key for key in _ENTRIES_ASK if not _holds_all(_entries(new.get(key)), _entries(old.get(key)))]
    found += [
        key for key in _ENTRIES_EXCUSE if not _holds_all(_entries(old.get(key)), _entries(new.get(key)))
    ]
    # an empty list stands for the default branch, and for every audit there ever was
    found += [key for key in ("protected", "audits") if new.get(key) and old and not old.get(key)]
    if str(old.get("text", "")) not in str(new.get("text", "")):
        found.append("text")
    headers, now_headers = _table(old, "expect_headers"), _table(new, "expect_headers")
    if any(key not in now_headers or str(told) not in str(now_headers[key]) for key, told in headers.items()):
        found.append("expect_headers")
    if not _statuses(new) <= _statuses(old):
        found.append("status")
    for key, default in _ABSENT.items():
        if old.get(key, default) is _STRICT_WHEN[key] and new.get(key, default) is not _STRICT_WHEN[key]:
            found.append(key)
    found += [k for k, d in _MORE_IS_LESS.items() if _number(new, k, d) > _number(old, k, d)]
    found += [k for k, d in _LESS_IS_LESS.items() if _number(new, k, d) < _number(old, k, d)]
    if "url" in old or "tcp" in old:
        if _number(new, "timeout", _TIMEOUT) > _number(old, "timeout", _TIMEOUT):
            found.append("timeout")
        was, now = _number(old, "max_latency", 0), _number(new, "max_latency", 0)
        if was and (not now or now > was):
            found.append("max_latency")
    grade, now_grade = str(old.get("severity", "high")), str(new.get("severity", "high"))
    if grade in _GRADES and now_grade in _GRADES and _GRADES.index(now_grade) > _GRADES.index(grade):
        found.append("severity")
    endings, now_endings = _entries(old.get("endings")), _entries(new.get("endings"))
    if now_endings and not (endings and _holds_all(now_endings, endings)):
        found.append("endings")
    return found


def _command_of(old: _Table, new: _Table) -> list[str]:
    """Return `test` when the command that runs all tests is another one."""
    return ["test"] if old.get("test") and old.get("test") != new.get("test") else []


def _statuses(table: _Table) -> frozenset[object]:
    given = table.get("status")
    listed = given if isinstance(given, list) else [] if given is None else [given]
    return frozenset(item for item in listed if isinstance(item, int)) or frozenset(range(200, 300))


def _entries(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.items())
    return value if isinstance(value, list) else [] if value is None else [value]


def _holds_all(entries: list[object], wanted: list[object]) -> bool:
    return all(item in entries for item in wanted)


def _number(table: _Table, key: str, default: float) -> float:
    value = table.get(key, default)
    return float(value) if isinstance(value, int | float) else default


def _line(sides: Sides, words: tuple[str, ...]) -> int:
    """Return the line of the first hunk that holds one of some words, the first word before the others."""
    for word in words:
        for hunk in sides.file.hunks:
            for at, line in enumerate(hunk.added):
                if word in line:
                    return hunk.new_start + at
            if any(word in line for line in hunk.removed):
                return max(hunk.new_start, 1)
    return max(sides.file.hunks[0].new_start, 1) if sides.file.hunks else 1


def _read(text: str | None) -> _Table | None:
    if text is None:
        return {}
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _table(tables: _Table, kind: str) -> _Table:
    value = tables.get(kind, {})
    return value if isinstance(value, dict) else {}


def _tables(tables: _Table, kind: str) -> dict[str, _Table]:
    value = tables.get(kind, [])
    listed = value if isinstance(value, list) else []
    key = "signature" if kind == "known_error" else "name"
    return {str(table.get(key, "")): table for table in listed if isinstance(table, dict)}
