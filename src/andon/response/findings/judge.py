"""What follows from new findings, and from what no scanner could look at."""

from __future__ import annotations

from andon.response.findings.finding import Grade
from andon.response.gates.results import Objection, failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.response.findings.finding import Finding
    from andon.response.gates.results import RuleResult

RULE = "no-new-finding"
#: Endings of files that can hold a weakness which a scanner of code would find.
SOURCES = frozenset((
    "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "rb", "erb", "go",
    "php", "java", "kt", "kts", "scala", "rs", "cs", "vb", "fs", "c", "h", "cc", "cpp", "cxx", "hpp", "m",
    "mm", "swift", "ex", "exs", "erl", "clj", "cljs", "lua", "pl", "pm", "r", "sh", "bash", "zsh", "ps1",
    "sql", "tf", "hcl", "sol", "dart", "groovy",
))  # fmt: skip
_MEND = "mend them: nobody can justify a new weakness"


def is_source(path: str) -> bool:
    """True for a file that a scanner of code should look at, by its ending."""
    return path.rpartition("/")[2].rpartition(".")[2].lower() in SOURCES


def judge_findings(
    new: Iterable[Finding],
    *,
    least: Grade,
    problems: Sequence[str] = (),
    remedy: str = "",
    unseen: Sequence[str] = (),
    looked: Sequence[str] = (),
    exempt: Sequence[str] = (),
) -> RuleResult:
    """Fail for new findings of the grade `least` or worse, else be unknown for what was not seen, else pass.

    `problems` are scans that failed and `remedy` the way out, `unseen` source files that no scanner looked
    at, `looked` the scanners that did, `exempt` endings that the team says no scanner is to look at.
    """
    found = tuple(new)
    severe = [f for f in found if f.grade.reaches(least)]
    milder = len(found) - len(severe)
    if severe:
        shown = "; ".join(f"{f.path}:{f.line} {f.rule}" for f in severe[:3])
        more = f" and {len(severe) - 3} more" if len(severe) > 3 else ""
        told = f"{len(severe)} new: {shown}{more}"
        return failed(RULE, told, _MEND, tuple(_objection(f) for f in severe))
    if problems:
        return unknown(RULE, "; ".join(problems[:3]), remedy or "see that the scanner runs, then again")
    if unseen:
        more = f" and {len(unseen) - 3} more" if len(unseen) > 3 else ""
        return unknown(RULE, f"no scanner looks at {', '.join(unseen[:3])}{more}", _give_a_scanner(unseen))
    told = f"{', '.join(looked)}: nothing new" if looked else "nothing changes that a scanner would look at"
    if milder:
        told += f" of grade {least}; {milder} milder"
    if exempt:
        told += f"; by andon.toml no scanner looks at {', '.join(exempt)}"
    return passed(RULE, told)


def _give_a_scanner(unseen: Sequence[str]) -> str:
    """Name the ways out: a scanner, its files, or the team's word that there is none for this language."""
    names = [path.rpartition("/")[2] for path in unseen]
    endings = sorted({f".{name.rpartition('.')[2].lower()}" for name in names if "." in name})
    none = ", ".join(f'"{ending}"' for ending in endings[:5])
    spoken = f"; or say that you have none: unscanned = [{none}] in [gates]" if endings else ""
    return f"add a [[scanner]] to andon.toml{spoken}; or in CI: andon gate ci --sarif-base A --sarif-head B"


def _objection(finding: Finding) -> Objection:
    silenced = " (silenced in the code, and counted all the same)" if finding.is_silenced else ""
    inside = f" in {finding.symbol}" if finding.symbol else ""
    return Objection(
        rule=RULE,
        path=finding.path,
        line=finding.line,
        end_line=finding.end_line,
        text=f"{finding.tool} {finding.rule}, {finding.grade}{inside}: {finding.message}{silenced}",
        snippet=f"{finding.rule} {finding.symbol} {finding.snippet}",
    )
