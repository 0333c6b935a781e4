"""What the code says against its flags: asked for and not defined, inside of one another, computed. Pure."""

from __future__ import annotations

from andon.flags.hygiene.finding import FlagFinding
from andon.flags.hygiene.scanning import is_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from andon.flags.hygiene.scanning import FileScan


def judge_code(
    scans: Mapping[str, FileScan], defined: Collection[str], where: str
) -> tuple[FlagFinding, ...]:
    """Return what each file says against flags; `where` names what defines them, for people.

    Tests may ask for flags that only they define.
    """
    found: list[FlagFinding] = []
    for path, scan in scans.items():
        for_tests = is_test(path)
        if not for_tests:
            found.extend(_calls(path, scan, defined, where))
        for one in scan.nested:
            if for_tests:
                continue
            found.append(
                FlagFinding(
                    rule="flag-nested",
                    key=one.inner,
                    path=path,
                    line=one.line,
                    text=f"{one.inner} is asked for inside a branch of {one.outer} "
                    f"({one.how}, line {one.outer_line}): four states, of which tests know two",
                    remedy="ask for one flag, or make one flag with a variant for each state",
                    subject=f"{one.inner} in {one.outer}",
                )
            )
    return tuple(found)


def _calls(path: str, scan: FileScan, defined: Collection[str], where: str) -> Iterator[FlagFinding]:
    for one in scan.mentions:
        if not one.call or not one.is_sure:
            continue
        if not one.key:
            yield FlagFinding(
                rule="flag-dynamic",
                key="",
                path=path,
                line=one.line,
                text=f"{one.call} asks for a flag whose key this file does not say",
                remedy="a plain text or a constant of the same file, so that it can be found",
                subject=f"{one.call}",
            )
        elif one.key not in defined:
            yield FlagFinding(
                rule="flag-undefined",
                key=one.key,
                path=path,
                line=one.line,
                text=f"{one.key} is asked for by {one.call}, and {where} does not define it",
                remedy=f"define {one.key} in {where}, or take the call out",
                subject=one.key,
            )


def places_of(scans: Mapping[str, FileScan]) -> dict[str, tuple[int, int]]:
    """Return, by key, the places that mention it, and how many of them are in tests."""
    found: dict[str, tuple[int, int]] = {}
    for path, scan in scans.items():
        tests = is_test(path)
        for one in scan.mentions:
            every, in_tests = found.get(one.key, (0, 0))
            found[one.key] = (every + 1, in_tests + tests)
    return found
