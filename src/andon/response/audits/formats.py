"""The answers of audit tools in their own formats, one reader each, and telling which one a file is in.

A reader raises InvalidInput for what is not its format. What a tool says it did not look at becomes a
problem. The formats are those of the tools' own documentation.
"""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.response.audits.cvss import base_score
from andon.response.audits.plain import (
    advisory_of,
    entries,
    number_of,
    parsed,
    parsed_stream,
    table,
    text_of,
)
from andon.response.audits.weakness import Answer, Weakness, not_understood
from andon.response.findings.finding import Grade

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def read_pip_audit(content: bytes) -> Answer:
    """Return what `pip-audit --format json` says; it gives no grades. Before 1.1 it was a bare list."""
    whole = parsed(content, "pip-audit")
    listed = whole if isinstance(whole, list) else table(whole).get("dependencies")
    if not isinstance(listed, list):
        raise not_understood("pip-audit", "it has no list of dependencies")
    found: list[Weakness] = []
    problems = []
    for entry in listed:
        name, version = text_of(entry, "name"), text_of(entry, "version")
        if not name:
            raise not_understood("pip-audit", "a dependency has no name")
        if reason := text_of(entry, "skip_reason"):
            problems.append(f"{name} was skipped: {reason}")
            continue
        for one in entries(entry, "vulns"):
            fixes = ", ".join(text for fix in entries(one, "fix_versions")[:3] if (text := text_of(fix)))
            identity = text_of(one, "id") or "without a name"
            found.append(Weakness(identity=identity, package=name, version=version, fixed=fixes))
    if not listed:
        problems.append("it looked at no dependency")
    return Answer(weaknesses=tuple(found), problems=tuple(problems), looked_at=len(listed) - len(problems))


def read_npm(content: bytes) -> Answer:
    """Return what `npm audit --json` (7 and later) or `pnpm audit --json` (npm 6's format) says."""
    whole = parsed(content, "npm audit")
    failure = table(whole, "error")
    if failure or "error" in table(whole):
        told = text_of(failure, "summary") or text_of(failure, "message") or text_of(whole, "message")
        told = told or text_of(failure, "code") or "an error"
        return Answer(problems=(f"it failed: {told}",))
    if isinstance(table(whole).get("vulnerabilities"), dict) and "auditReportVersion" in table(whole):
        found = _npm_7(table(whole, "vulnerabilities"))
    elif isinstance(table(whole).get("advisories"), dict):
        found = [_advisory(one) for one in table(whole, "advisories").values()]
    else:
        raise not_understood("npm audit", "it has neither vulnerabilities nor advisories")
    counts = table(whole, "metadata")
    looked = number_of(counts, "dependencies", "total")
    looked = looked if looked is not None else number_of(counts, "totalDependencies")
    problems = ("it looked at no dependency",) if looked == 0 else ()
    return Answer(weaknesses=_once(found), problems=problems, looked_at=looked)


def _npm_7(listed: dict[str, object]) -> list[Weakness]:
    """Each package names what it has (`via`): an advisory, or another package by name that has one."""
    found = []
    for name, entry in listed.items():
        for via in entries(entry, "via"):
            if not isinstance(via, dict):
                continue
            address = text_of(via, "url")
            found.append(
                Weakness(
                    identity=advisory_of(address) or f"npm-{text_of(via, 'source') or 'unknown'}",
                    package=text_of(via, "name") or str(name)[:200],
                    version=text_of(via, "range"),
                    grade=Grade.named(text_of(via, "severity")),
                    title=text_of(via, "title"),
                )
            )
    return found


def _advisory(one: object) -> Weakness:
    """Return an advisory as npm 6, pnpm and yarn 1 write it."""
    address = text_of(one, "url")
    identity = text_of(one, "github_advisory_id") or advisory_of(address) or f"npm-{text_of(one, 'id')}"
    versions = [text_of(f, "version") for f in entries(one, "findings")]
    return Weakness(
        identity=identity,
        package=text_of(one, "module_name") or "a package without a name",
        version=versions[0] if versions else text_of(one, "vulnerable_versions"),
        grade=Grade.named(text_of(one, "severity")),
        title=text_of(one, "title"),
        fixed=text_of(one, "patched_versions").replace("<0.0.0", ""),
    )


def read_yarn(content: bytes) -> Answer:
    """Return what `yarn audit --json` (1) or `yarn npm audit --json` (2 and later) says: JSON, one a line."""
    lines = parsed_stream(content, "yarn audit")
    if not lines:
        raise not_understood("yarn audit", "it says nothing")
    found: list[Weakness] = []
    problems: list[str] = []
    looked, is_whole = None, False
    for line in lines:
        kind = text_of(line, "type")
        if kind == "auditAdvisory":
            found.append(_advisory(table(line, "data", "advisory")))
        elif kind == "auditSummary":
            is_whole, looked = True, number_of(line, "data", "totalDependencies")
        elif kind == "error":
            problems.append(f"it failed: {text_of(line, 'data') or 'an error'}")
        elif isinstance(table(line).get("advisories"), dict):  # 2 and 3
            found += [_advisory(one) for one in table(line, "advisories").values()]
            is_whole = True
        elif "children" in table(line):  # 4
            found.append(_berry(line))
            is_whole = True
        elif kind not in (
            "info",
            "warning",
            "activityStart",
            "activityEnd",
            "step",
            "progressStart",
            "progressTick",
        ):
            raise not_understood("yarn audit", "a line is of no kind it is known for")
    if not is_whole and not problems:
        problems.append("it did not come to its end")
    if looked == 0:
        problems.append("it looked at no dependency")
    return Answer(weaknesses=_once(found), problems=tuple(problems), looked_at=looked)


def _berry(line: object) -> Weakness:
    told = table(line, "children")
    versions = [text_of(version) for version in entries(told, "Tree Versions")]
    return Weakness(
        identity=advisory_of(text_of(told, "URL")) or f"npm-{text_of(told, 'ID') or 'unknown'}",
        package=text_of(line, "value") or "a package without a name",
        version=versions[0] if versions else text_of(told, "Vulnerable Versions"),
        grade=Grade.named(text_of(told, "Severity")),
        title=text_of(told, "Issue"),
    )


def read_osv(content: bytes) -> Answer:
    """Return what `osv-scanner --format json` says: by source and package, grades by group of aliases."""
    whole = parsed(content, "osv-scanner")
    results = table(whole).get("results", None)
    if results is None and "results" in table(whole):
        results = []  # null when there is nothing
    if not isinstance(results, list):
        raise not_understood("osv-scanner", "it has no results")
    found: list[Weakness] = []
    for source in results:
        for package in entries(source, "packages"):
            name, version = text_of(package, "package", "name"), text_of(package, "package", "version")
            grades = _osv_grades(package)
            for one in entries(package, "vulnerabilities"):
                identity = text_of(one, "id")
                vectors = [base_score(text_of(s, "score")) for s in entries(one, "severity")]
                scores = [score for score in vectors if score is not None]
                word = Grade.named(text_of(one, "database_specific", "severity"))
                grade = grades.get(identity) or (Grade.of_score(max(scores)) if scores else word)
                title = text_of(one, "summary")
                found.append(
                    Weakness(identity=identity, package=name, version=version, grade=grade, title=title)
                )
    return Answer(weaknesses=_once(found))


def _osv_grades(package: object) -> dict[str, Grade]:
    grades = {}
    for group in entries(package, "groups"):
        try:
            score = float(text_of(group, "max_severity"))
        except ValueError:
            continue
        for identity in entries(group, "ids"):
            grades[text_of(identity)] = Grade.of_score(score)
    return grades


def read_cargo(content: bytes) -> Answer:
    """Return what `cargo audit --json` says; a crate that nobody looks after is told as information."""
    whole = parsed(content, "cargo audit")
    listed = table(whole, "vulnerabilities").get("list")
    if not isinstance(listed, list):
        raise not_understood("cargo audit", "it has no list of vulnerabilities")
    found = [_crate(one, None) for one in listed]
    for kind, warnings in table(whole, "warnings").items():
        if isinstance(warnings, list):
            grade = Grade.MEDIUM if kind == "unsound" else Grade.INFO
            found += [_crate(one, grade, kind) for one in warnings]
    looked = number_of(whole, "lockfile", "dependency-count")
    problems = ("it looked at no dependency",) if looked == 0 else ()
    if number_of(whole, "database", "advisory-count") == 0:
        problems = (*problems, "it knows of no weakness at all: its database is empty")
    return Answer(weaknesses=_once(found), problems=problems, looked_at=looked)


def _crate(one: object, grade: Grade | None, kind: str = "") -> Weakness:
    score = base_score(text_of(one, "advisory", "cvss"))
    fixed = ", ".join(text_of(version) for version in entries(one, "versions", "patched")[:3])
    return Weakness(
        identity=text_of(one, "advisory", "id") or kind or "without a name",
        package=text_of(one, "package", "name"),
        version=text_of(one, "package", "version"),
        grade=grade or (Grade.of_score(score) if score is not None else None),
        title=text_of(one, "advisory", "title") or kind,
        fixed=fixed,
    )


def read_bundler(content: bytes) -> Answer:
    """Return what `bundle-audit check --format json` says; the text it may print before it is left out."""
    start = content.find(b"{")
    whole = parsed(content[start:] if start >= 0 else content, "bundle-audit")
    results = table(whole).get("results")
    if not isinstance(results, list):
        raise not_understood("bundle-audit", "it has no results")
    found = []
    for one in results:
        if text_of(one, "type") == "insecure_source":
            source = text_of(one, "source")
            found.append(
                Weakness(
                    identity="insecure-source", package=source, grade=Grade.MEDIUM, title="not encrypted"
                )
            )
            continue
        advisory = table(one, "advisory")
        ghsa, cve = text_of(advisory, "ghsa"), text_of(advisory, "cve")
        named = (f"GHSA-{ghsa}" if ghsa else "") or (f"CVE-{cve}" if cve else "") or text_of(advisory, "id")
        found.append(
            Weakness(
                identity=named or "without a name",
                package=text_of(one, "gem", "name"),
                version=text_of(one, "gem", "version"),
                grade=Grade.named(text_of(advisory, "criticality")),
                title=text_of(advisory, "title"),
                fixed=", ".join(text_of(v) for v in entries(advisory, "patched_versions")[:3]),
            )
        )
    return Answer(weaknesses=_once(found))


def read_govulncheck(content: bytes) -> Answer:
    """Return what `govulncheck -json` says: a weakness whose code is called is high, any other low."""
    messages = parsed_stream(content, "govulncheck")
    if not any("config" in table(message) for message in messages):
        raise not_understood("govulncheck", "it has no config message")
    titles = {text_of(m, "osv", "id"): text_of(m, "osv", "summary") for m in messages if "osv" in table(m)}
    found: dict[tuple[str, str], Weakness] = {}
    for message in messages:
        if "finding" not in table(message):
            continue
        trace = entries(message, "finding", "trace")
        first = trace[0] if trace else {}
        identity, package = text_of(message, "finding", "osv"), text_of(first, "module")
        grade = Grade.HIGH if text_of(first, "function") else Grade.LOW
        one = Weakness(
            identity=identity,
            package=package,
            version=text_of(first, "version"),
            grade=grade,
            title=titles.get(identity, ""),
            fixed=text_of(message, "finding", "fixed_version"),
        )
        known = found.get(one.key)
        if known is None or (known.grade or Grade.LOW).rank < grade.rank:
            found[one.key] = one
    return Answer(weaknesses=tuple(found.values()))


def _once(found: list[Weakness]) -> tuple[Weakness, ...]:
    return tuple({w.key: w for w in reversed(found)}.values())[::-1]


#: Reader and name of the tool, for what a file is seen to be.
READERS: dict[str, Callable[[bytes], Answer]] = {
    "pip-audit": read_pip_audit,
    "npm audit": read_npm,
    "pnpm audit": read_npm,
    "yarn audit": read_yarn,
    "osv-scanner": read_osv,
    "cargo audit": read_cargo,
    "bundle-audit": read_bundler,
    "govulncheck": read_govulncheck,
}


def tool_of(content: bytes) -> str:
    """Return the tool whose answer this is, `sarif` for SARIF, "" for none that is known; by its shape."""
    try:
        whole = parsed_stream(content, "a file")
    except InvalidInput:
        return ""
    first = whole[0] if whole else None
    if isinstance(first, list):
        return "pip-audit" if first and text_of(first[0], "name") else ""
    keys = frozenset(table(first))
    kinds = {text_of(one, "type") for one in whole}
    if kinds & {"auditAdvisory", "auditSummary"} or "children" in keys:
        return "yarn audit"
    if "config" in keys and len(whole) > 1:
        return "govulncheck"
    if "runs" in keys:
        return "sarif"
    if isinstance(table(first).get("dependencies"), list):
        return "pip-audit"
    if "auditReportVersion" in keys:
        return "npm audit"
    if "advisories" in keys:
        return (
            "pnpm audit"
            if "muted" in keys or "totalDependencies" in table(first, "metadata")
            else "npm audit"
        )
    if "vulnerabilities" in keys and "database" in keys:
        return "cargo audit"
    if "results" in keys and keys & {"created_at"}:
        return "bundle-audit"
    return "osv-scanner" if "results" in keys else ""
