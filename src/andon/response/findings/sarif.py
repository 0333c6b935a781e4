"""Any scanner's SARIF 2.1.0 file as findings; the file is untrusted, whoever wrote it.

What is not SARIF raises InvalidInput. What says that a scan failed, or never looked, becomes a problem of the
scan: nothing found is then no answer. Paragraph numbers are those of the OASIS standard, errata 01.
"""

from __future__ import annotations

import json

from andon.errors import InvalidInput
from andon.response.findings.finding import Finding, Grade, Scan
from andon.response.findings.places import relative_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    Table = dict[str, object]

#: Bytes of a file that is read.
LARGEST = 64 << 20
#: Findings of a file that are read; a file with more is not judged.
MOST = 100_000
_LONGEST = 500
#: Byte order marks and the encodings they stand for; SARIF is UTF-8 (3.2), some tools on Windows differ.
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: 3.27.10, with the grade that stands for each level.
_LEVELS = {"error": Grade.HIGH, "warning": Grade.MEDIUM, "note": Grade.LOW, "none": Grade.INFO}
#: 3.27.9: kinds that say that nothing is wrong.
_NO_FINDING = ("pass", "notApplicable")


def read_sarif(
    content: bytes, *, where: str, root: str = "", paths: Collection[str] = ()
) -> tuple[Scan, ...]:
    """Return one scan a run, with paths relative to the root of the repository.

    `root` is the directory that was scanned and `paths` are files of the repository: by them absolute paths,
    also those of another machine, are led back to it. Raises InvalidInput for what is not SARIF.
    """
    log = _parsed(content, where)
    runs = log.get("runs")
    version = log.get("version")
    if not isinstance(runs, list) or not str(version).startswith("2."):
        raise _wrong("it is not a SARIF 2 file: it has no runs or another version", where)
    known = frozenset(paths)
    scans = []
    for run in runs:
        if not isinstance(run, dict):
            raise _wrong("a run is not a table", where)
        scans.append(_Run(run, where, root, known).scan())
    if not scans:
        raise _wrong("no tool ran: its list of runs is empty", where)
    return tuple(scans)


def _parsed(content: bytes, where: str) -> Table:
    if len(content) > LARGEST:
        raise _wrong(f"it is larger than {LARGEST >> 20} MB", where)
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        log = json.loads(content.decode(encoding))
    except (ValueError, RecursionError) as problem:
        raise _wrong(f"it cannot be read as JSON ({type(problem).__name__})", where) from problem
    if not isinstance(log, dict):
        raise _wrong("it is not a table", where)
    return log


class _Run:
    """One run of one tool (3.14)."""

    def __init__(self, run: Table, where: str, root: str, paths: frozenset[str]) -> None:
        self._run = run
        self._where = where
        self._root = root
        self._paths = paths
        self._driver = _table(_table(run, "tool"), "driver")
        self._tool = _text(self._driver.get("name")) or "a tool without a name"
        extensions = _list(_table(run, "tool").get("extensions"))
        self._parts = [self._driver, *(part for part in extensions if isinstance(part, dict))]

    def scan(self) -> Scan:
        problems = self._failures()
        results = self._run.get("results")
        if results is None:  # 3.14.23: an empty list says "nothing found", no list says "did not look"
            problems.append(f"{self._tool} did not look: {self._where} has a run without results")
        elif not isinstance(results, list):
            raise _wrong("results is not a list", self._where)
        listed = _list(results)
        if len(listed) > MOST:
            raise _wrong(f"it has more than {MOST} results", self._where)
        found = [self._finding(entry) for entry in listed]
        return Scan(
            tool=self._tool,
            findings=tuple(f for f in found if f is not None),
            problems=tuple(problems),
            commit=self._commit(),
        )

    def _commit(self) -> str:
        """Return the one commit it looked at (3.14.9, 3.23.4); "" when it does not say, or says several."""
        told = _list(self._run.get("versionControlProvenance"))
        named = {_text(one.get("revisionId"), 64) for one in told if isinstance(one, dict)} - {""}
        return named.pop() if len(named) == 1 else ""

    def _failures(self) -> list[str]:
        """Return what the tool says of its own failures (3.20.14, 3.20.21, 3.20.22)."""
        told = []
        for invocation in _list(self._run.get("invocations")):
            if not isinstance(invocation, dict):
                raise _wrong("an invocation is not a table", self._where)
            if invocation.get("executionSuccessful") is False:
                told.append(f"{self._tool} says that it failed")
            for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
                for note in _list(invocation.get(key)):
                    if isinstance(note, dict) and note.get("level") == "error":
                        said = _message(note, {}) or "without a message"
                        told.append(f"{self._tool} reports an error: {said}")
        return list(dict.fromkeys(told))[:20]

    def _finding(self, entry: object) -> Finding | None:
        if not isinstance(entry, dict):
            raise _wrong("a result is not a table", self._where)
        kind = entry.get("kind", "fail")
        if kind in _NO_FINDING or entry.get("baselineState") == "absent":
            return None
        rule, told = self._rule(entry)
        path, line, end, snippet = self._place(entry)
        return Finding(
            tool=self._tool,
            rule=rule or "without a rule",
            grade=_grade(entry, told),
            path=path,
            line=line,
            end_line=max(end, line),
            snippet=snippet,
            message=_message(entry, told) or _message({"message": told.get("shortDescription")}, {}) or rule,
            is_silenced=_is_suppressed(entry),
        )

    def _rule(self, entry: Table) -> tuple[str, Table]:
        """Return the rule's id and what the tool says of it (3.27.5 to 3.27.7, 3.52)."""
        reference = _table(entry, "rule")
        identity = _text(entry.get("ruleId")) or _text(reference.get("id"))
        index = entry.get("ruleIndex", reference.get("index"))
        part = _table(reference, "toolComponent").get("index")
        extensions = self._parts[1:]
        sources = self._parts
        if type(part) is int and 0 <= part < len(extensions):
            sources = [extensions[part]]
        if type(index) is int and index >= 0:
            rules = _list(sources[0].get("rules"))
            if index < len(rules):
                told = _as_table(rules[index])
                named = _text(told.get("id"))
                if told and (
                    not identity or not named or identity == named or identity.startswith(named + "/")
                ):
                    return identity or named, told
        for source in sources:
            for candidate in _list(source.get("rules")):
                if isinstance(candidate, dict) and identity and candidate.get("id") == identity:
                    return identity, candidate
        return identity, {}

    def _place(self, entry: Table) -> tuple[str, int, int, str]:
        """Return path, first and last line, and the quoted code, of the first place in a file (3.27.12)."""
        for location in _list(entry.get("locations")):
            physical = _table(location, "physicalLocation") if isinstance(location, dict) else {}
            if not physical:
                continue
            path = self._path(_table(physical, "artifactLocation"))
            region = _table(physical, "region")
            first = _line(region.get("startLine"))
            snippet = _text(_table(region, "snippet").get("text"), 4000)
            return path, first, _line(region.get("endLine")) or first, snippet
        return "", 0, 0, ""

    def _path(self, location: Table) -> str:
        uri, base = _text(location.get("uri"), 4000), _text(location.get("uriBaseId"))
        index = location.get("index")
        if type(index) is int and index >= 0:
            artifacts = _list(self._run.get("artifacts"))
            if index < len(artifacts):
                listed = _table(_as_table(artifacts[index]), "location")
                uri = uri or _text(listed.get("uri"), 4000)
                base = base or _text(listed.get("uriBaseId"))
        return relative_path(uri, bases=self._bases(base), root=self._root, paths=self._paths)

    def _bases(self, name: str) -> tuple[str, ...]:
        """Return the addresses a path is relative to, innermost first (3.14.14); at most ten of them."""
        found: list[str] = []
        seen: set[str] = set()
        bases = _table(self._run, "originalUriBaseIds")
        while name and name not in seen and len(seen) < 10:
            seen.add(name)
            base = _table(bases, name)
            if uri := _text(base.get("uri"), 4000):
                found.append(uri)
            name = _text(base.get("uriBaseId"))
        return tuple(found)


def _grade(entry: Table, rule: Table) -> Grade:
    """Return the grade: a `security-severity` from 0 to 10 first, else the level.

    The score is GitHub's convention for code scanning, with the bands of CVSS. Without a level a result has
    that of its rule's configuration, else "warning" (3.27.10); what is not of kind "fail" has none.
    """
    for holder in (entry, rule):
        score = _score(_table(holder, "properties").get("security-severity"))
        if score is not None:
            return Grade.of_score(score)
    if entry.get("kind", "fail") == "informational":
        return Grade.INFO
    configured = _table(rule, "defaultConfiguration").get("level")
    level = entry.get("level", configured)
    return _LEVELS.get(level, Grade.MEDIUM) if isinstance(level, str) else Grade.MEDIUM


def _score(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        score = float(value)
    except (ValueError, OverflowError):
        return None
    return score if 0.0 <= score <= 10.0 else None


def _is_suppressed(entry: Table) -> bool:
    """True when there are suppressions and none of them is rejected or still looked at (3.27.23, 3.35.3)."""
    given = [s for s in _list(entry.get("suppressions")) if isinstance(s, dict)]
    return bool(given) and all(s.get("status", "accepted") == "accepted" for s in given)


def _message(entry: Table, rule: Table) -> str:
    """Return a message: its text, else the rule's own with the arguments put in (3.11)."""
    message = _table(entry, "message")
    text = _text(message.get("text")) or _text(message.get("markdown"))
    identity = message.get("id")
    if not text and isinstance(identity, str):
        text = _text(_table(_table(rule, "messageStrings"), identity).get("text"))
    for number, argument in enumerate(_list(message.get("arguments"))[:10]):
        text = text.replace(f"{{{number}}}", _text(argument))
    return " ".join(text.split())[:_LONGEST]


def _table(holder: Table, key: str) -> Table:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _as_table(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object, longest: int = _LONGEST) -> str:
    return value[:longest] if isinstance(value, str) else ""


def _line(value: object) -> int:
    return value if type(value) is int and 0 < value < 1 << 31 else 0


def _wrong(why: str, where: str) -> InvalidInput:
    return InvalidInput(
        f"the scanner's file cannot be used: {why}",
        where=where,
        rule="sarif",
        remedy="let the scanner write it again, as SARIF 2.1.0",
    )
