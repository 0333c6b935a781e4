"""Tests that are turned off from outside: in the runner's configuration, in the pipeline, in `andon.toml`."""

from __future__ import annotations

import re

from andon.response.guard.loosened import loosened
from andon.response.guard.places import is_document, is_pipeline, name_of
from andon.response.guard.reading import added_lines, removed_lines
from andon.response.guard.remembered import forgotten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.guard.reading import Sides

_CONFIGURATION = re.compile(
    r"(?i)^(?:pytest\.ini|tox\.ini|setup\.cfg|pyproject\.toml|noxfile\.py|conftest\.py|\.coveragerc"
    r"|package\.json|project\.json"
    r"|(?:jest|vitest|vite|karma|playwright|cypress|wdio|ava|nyc|babel|mocha)[\w.-]*\.(?:[cm]?[jt]s|json"
    r"|ya?ml)|\.mocharc[\w.]*"
    r"|makefile|gnumakefile|justfile|taskfile\.ya?ml|rakefile|\.rspec|\.rspec-local|spec_helper\.rb"
    r"|test_helper\.rb|phpunit[\w.]*\.xml(?:\.dist)?"
    r"|pom\.xml|build\.gradle(?:\.kts)?|gradle\.properties|build\.sbt|cargo\.toml|mix\.exs"
    r"|test_helper\.exs|codeception\.yml|behat\.yml"
    r"|cmakelists\.txt|dockerfile|docker-compose[\w.-]*\.ya?ml|composer\.json|[\w.-]+\.sh|test"
    r"|run[-_]?tests?|runtests\.py|dev|\.runsettings"
    r"|[\w.-]+\.runsettings|testng[\w-]*\.xml|nextest\.toml|go\.work|\w+\.csproj)$"
)
#: What keeps tests from running, or their failure from counting. Each with words for people.
_SWITCHES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (r"--deselect\b", "deselects tests"),
        (r"--ignore(?:-glob)?[= ]", "ignores tests"),
        (r"(?:^|\s|[\"'=])-k[ =]?[\"']?\s{0,4}[\"']?not\b|-k\s{0,4}[\"']?\w", "selects tests by name"),
        (r"-m[ =]?[\"']?\s{0,4}[\"']?not\b", "leaves marked tests out"),
        (r"\bcollect_ignore(?:_glob)?\b|\bpytest_ignore_collect\b", "ignores tests"),
        (r"--collect-only\b|--co\b|--setup-(?:only|plan)\b|--no-run\b|--listTests\b", "runs no test"),
        (r"\bPYTHONOPTIMIZE\b|\bpython[\d.]{0,5}\s{1,4}-OO?\b", "runs without what is asserted"),
        (r"\sgo test\b.{0,80}\s-run[= ]|\s(?:-t|--grep|--only)[= ]\s{0,4}[\"']", "selects tests by name"),
        ((r"\b(?:norecursedirs|testpaths|python_files|python_functions"
            r"|python_classes)\s{0,4}="), "changes what is collected"),
        ((r"\btest(?:PathIgnore|FileIgnore|NamePattern|PathIgnorePatterns)\w{0,20}|\btestIgnore\b"
            r"|\bmodulePathIgnorePatterns\b"), "ignores tests"),
        ((r"--testPathIgnorePatterns|--testNamePattern|--exclude\b|--ignore-pattern"
            r"|--invert\b"), "ignores tests"),
        ((r"--passWithNoTests|passWithNoTests[\"']?\s{0,4}:\s{0,4}true|--pass-with-no-tests|--no-fail\b"
            r"|--forbid-only=false"), "passes without tests"),
        ((r"\|\|\s{0,4}(?:true|:|exit 0|echo\b|/bin/true)|;\s{0,4}(?:true"
            r"|exit 0)\s{0,4}$"), "lets a failure pass"),
        ((r"\bcontinue-on-error\s{0,4}:\s{0,4}(?:true|\$\{\{)|\ballow_failure\s{0,4}:\s{0,4}true"
            r"|\ballow_failures\b|\bcontinueOnError\s{0,4}:\s{0,4}true"), "lets a failure pass"),
        ((r"\bcatchError\b|\bsoft_fail\s{0,4}:|\bset \+e\b|\bignoreFailures\s{0,4}=\s{0,4}true"
            r"|testFailureIgnore|<failIfNoTests>\s{0,4}false"), "lets a failure pass"),
        ((r"-DskipTests|-Dmaven\.test\.skip|<skipTests>\s{0,4}true|<maven\.test\.skip>\s{0,4}true"
            r"|<skip>\s{0,4}true|-DskipITs|\bskipTests\s{0,4}[=:]\s{0,4}true"), "skips the tests"),
        ((r"(?:^|\s)-x\s{1,4}(?:test|check)\b|--exclude-task\s{1,4}test\b"
            r"|\btest\s{0,4}\{\s{0,4}enabled\s{0,4}=\s{0,4}false"
            r"|\benabled\s{0,4}=\s{0,4}false\b"), "skips the tests"),
        ((r"(?:^|\s)-skip[ =]|--skip[ =]|(?:^|\s)-short\b|--exclude-tag\b|--tag[s]?\s{1,4}[\"']?~"
            r"|--exclude-group|--exclude-testsuite|--filter\s{1,4}[\"']?(?:!"
            r"|FullyQualifiedName!)"), "leaves tests out"),
        ((r"^\s{0,40}if\s{0,4}:\s{0,4}(?:false|\$\{\{\s{0,4}false\s{0,4}\}\})\s{0,4}$"
            r"|^\s{0,40}when\s{0,4}:\s{0,4}(?:never|manual)\b"), "turns a step off"),
        ((r"ExUnit\.\w{1,20}\(.{0,200}\bexclude\s{0,4}:|\bexclude\s{0,4}:\s{0,4}\[\s{0,4}:"
            r"|--exclude\s"), "leaves tests out"),
        (r"\bfilter_run_excluding\b|\bexclusion_filter\b|\bfilter_run_when_matching\b", "leaves tests out"),
        ((r"<exclude>|<exclude-group>|<excludes>|<excludedGroups>|\bexcludeTestsMatching\b|\bexcludeTags\b"
            r"|\bexcludeGroups\b|\bexclude\s{0,4}\(?\s{0,4}[\"'].{0,80}[Tt]est"), "leaves tests out"),
        ((r"\bharness\s{0,4}=\s{0,4}false|\btest\s{0,4}=\s{0,4}false|\bautotests\s{0,4}=\s{0,4}false"
            r"|\bdoctest\s{0,4}=\s{0,4}false"), "turns tests off"),
        ((r"\bDISABLED\s{1,4}(?:TRUE|ON|1)\b|\bBUILD_TESTING\s{1,4}(?:OFF|FALSE|0)"
            r"|\bgtest_filter=\S{0,60}-"), "turns tests off"),
        ((r"\bspecPattern\b|\btestMatch\b|\btestRegex\b|\bexcludeSpecPattern\b|\bgrepInvert\b"
            r"|\bgrep\s{0,4}:"), "changes what is collected"),
        (r"^\s{0,20}(?:exclude|include)\s{0,4}:\s{0,4}\[", "changes what is collected"),
    )
)  # fmt: skip
#: A command that runs tests.
_RUNS = re.compile(
    r"\b(?:pytest|py\.test|tox|nox|unittest|manage\.py test|npm (?:run )?(?:-\w+ )?(?:test|t\b)"
    r"|npm run test[\w:-]*|yarn (?:run )?test[\w:-]*|pnpm (?:run )?(?:-r )?test[\w:-]*"
    r"|npx (?:jest|vitest|playwright|cypress|mocha)|jest|vitest|mocha|playwright test|cypress run|go test"
    r"|gotestsum|cargo (?:nextest|test)|rspec|rake (?:test|spec)|rails test|minitest"
    r"|mvn[\w ]{0,30} (?:test|verify)|mvnw? .{0,40}(?:test|verify)|gradlew? .{0,40}(?:test|check)|phpunit"
    r"|pest|codecept run|dotnet test|mix test|sbt .{0,20}test|swift test|xcodebuild .{0,80}test|ctest"
    r"|make (?:test|check)|bats|andon gate)\b"
)
_NO_COMMAND = re.compile(
    r"^\s{0,40}(?:-\s{1,4})?(?:#|//|name\s{0,4}:|pip3? install|\$?\(?pip|apt|brew|npm (?:i|install|ci)\b)"
)
_COMMENT = re.compile(r"^\s{0,40}(?:#|//|<!--|;)")
_WIDEST = 1000


def switched_off(sides: Sides) -> Iterator[tuple[int, str]]:
    """Yield line and words for what turns tests off outside of the tests themselves."""
    file = sides.file
    name = name_of(file.path)
    if name == "andon.toml" or name_of(sides.old_path) == "andon.toml":
        yield from loosened(sides)
        return
    yield from forgotten(sides)
    if is_document(file.path) and name.lower() != "cmakelists.txt":
        return
    if not (is_pipeline(file.path) or _CONFIGURATION.match(name) or "/bin/" in f"/{file.path}"):
        return
    removed = [line[:_WIDEST] for _, line in removed_lines(file)]
    added = [(number, line[:_WIDEST]) for number, line in added_lines(file)]
    for number, line in added:
        if _COMMENT.match(line):
            continue
        for pattern, why in _SWITCHES:
            match = pattern.search(line)
            if match and _count(pattern, [text for _, text in added]) > _count(pattern, removed):
                yield number, f"`{' '.join(line.split())[:70]}` {why}"
                break
            if match and not any(_same_switch(line, old, pattern) for old in removed):
                yield number, f"`{' '.join(line.split())[:70]}` {why}, and it is not what stood here"
                break
    if not name.endswith(".py") and _runs(removed) > _runs([line for _, line in added]):
        line = next(line for line in removed if _runs([line]))
        at = next((h.new_start for h in file.hunks if line in [r[:_WIDEST] for r in h.removed]), 0)
        yield max(at, 1), f"`{' '.join(line.split())[:70]}` is not run any more"


def _count(pattern: re.Pattern[str], lines: list[str]) -> int:
    return sum(len(pattern.findall(line)) for line in lines if not _COMMENT.match(line))


#: What names the tests that are run, so that fewer words are fewer tests.
_COLLECTS = re.compile(
    r"\b(?:testpaths|python_(?:files|functions|classes))\b|\btest(?:Match|Regex)\b|\bspecPattern\b"
)
_PATH_WORD = re.compile(r"[\w./*-]+")


def _same_switch(new: str, old: str, pattern: re.Pattern[str]) -> bool:
    """True when the line stood there already and its switches are no more and no wider than before."""
    if _COLLECTS.search(new):
        return set(_PATH_WORD.findall(old)) <= set(_PATH_WORD.findall(new))
    return bool(pattern.search(old)) and len(new) <= len(old)


def _runs(lines: list[str]) -> int:
    return sum(1 for line in lines if _RUNS.search(line) and not _NO_COMMAND.match(line))
