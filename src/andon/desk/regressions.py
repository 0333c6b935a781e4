"""The team's regression log: entries written into its file and put on record with the incident."""

from __future__ import annotations

from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.desk.remembered import remembered
from andon.desk.team_files import change_file, path_in, read_text
from andon.errors import InvalidInput, Refused
from andon.incident.commands import LogRegression
from andon.incident.events import RegressionLogged
from andon.incident.words import Verdict
from andon.record import Record
from andon.response.gates.named_tests import TestState
from andon.response.gates.regression_tests import look_at
from andon.review.regressions import (
    RegressionEntry,
    append_entry,
    entry_called,
    lint,
    read_entries,
    settle,
    with_test,
)
from andon.review.test_names import offered, read_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.response.gates.named_tests import Found


class Checked(Record):
    """An entry and what became of the tests it names."""

    entry: RegressionEntry
    #: Each test with what is known; None for a line that names none.
    tests: tuple[tuple[str, Found | None], ...]
    #: A test that its prevention mechanism speaks of; "" for none.
    offer: str = ""

    @property
    def verdict(self) -> Verdict | None:
        """Failed when a test is missing or skipped; None when it names no test."""
        states = [found.state if found else TestState.MISSING for _, found in self.tests]
        if not states:
            return None
        if TestState.MISSING in states or TestState.SKIPPED in states:
            return Verdict.FAILED
        return Verdict.UNKNOWN if TestState.UNKNOWN in states else Verdict.PASSED


def add(desk: Desk, state: Incident, given: Mapping[str, str]) -> tuple[Incident, RegressionEntry]:
    """Append an entry to the regression log and record it; date and author default to now and the actor.

    Raises Refused while a field says too little, before anything is written.
    """
    entry = _entry(desk, state, given)
    lacks = lint(entry)
    if lacks:
        raise Refused(
            f"the entry is not complete: {'; '.join(str(lack) for lack in lacks)}",
            where=state.id,
            rule="regression-complete",
            remedy="andon regressions add "
            + " ".join(f'--{lack.field.replace("_", "-")} "..."' for lack in lacks),
        )
    name = desk.config.review.regressions
    kept = entry

    def change(text: str | None) -> str:
        nonlocal kept
        document, kept = append_entry(text or "", entry, name)
        return document

    change_file(desk.config.root, name, change)
    if any(r.entry == kept.id for r in state.regressions):
        return state, kept
    logged = RegressionLogged(
        entry=kept.id,
        symptom=kept.symptom,
        root_cause=kept.root_cause,
        incorrect_behaviour=kept.incorrect_behaviour,
        correct_solution=kept.correct_solution,
        enforced_path=kept.enforced_path,
        prevention_mechanism=kept.prevention_mechanism,
        date=kept.date,
        author=kept.author,
        path=name,
        test=kept.test,
    )
    return record(desk, state, LogRegression(regression=logged)), kept


def entries(desk: Desk) -> tuple[RegressionEntry, ...]:
    """Return the entries of the team's regression log; none when the file is not there yet."""
    name = desk.config.review.regressions
    text = read_text(path_in(desk.config.root, name))
    return read_entries(text, name) if text else ()


def name_test(desk: Desk, wanted: str, test: str) -> RegressionEntry:
    """Let an entry name the test that fails when it comes back; the rest of the log stays as it is.

    Raises NotFound for another entry, InvalidInput for what is no test of this repository.
    """
    name = desk.config.review.regressions
    given = read_name(test)
    if given is None:
        raise InvalidInput(
            f"{test[:80]!r} is no test of this repository",
            rule="regression-test",
            remedy="name it by its path: andon regressions test REG-1 tests/test_shop.py::test_old_prices",
        )
    change_file(desk.config.root, name, lambda text: with_test(text or "", wanted, str(given), name))
    return entry_called(entries(desk), wanted, name)


def checked(desk: Desk) -> tuple[Checked, ...]:
    """Return every entry with what is known of its tests, as the files of the work tree are now."""
    name = desk.config.review.regressions
    text = read_text(path_in(desk.config.root, name)) or ""
    found = []
    for entry, known in zip(read_entries(text, name), remembered(text, name), strict=True):
        texts = {}
        for test in known.tests:
            content = read_text(path_in(desk.config.root, test[0])) if test else None
            if test and content is not None:
                texts[test[0]] = content
        found.append(Checked(entry=entry, tests=look_at(known, texts), offer=_offer(entry)))
    return tuple(found)


def _offer(entry: RegressionEntry) -> str:
    """Return the test that the prevention mechanism plainly refers to, for a person to take."""
    test = None if entry.test.strip() else offered(entry.prevention_mechanism)
    return str(test) if test else ""


def _entry(desk: Desk, state: Incident, given: Mapping[str, str]) -> RegressionEntry:
    values = {field: settle(redacted(desk, text)) for field, text in given.items() if text.strip()}
    return RegressionEntry(
        symptom=values.get("symptom", ""),
        root_cause=values.get("root_cause", ""),
        incorrect_behaviour=values.get("incorrect_behaviour", ""),
        correct_solution=values.get("correct_solution", ""),
        enforced_path=values.get("enforced_path", ""),
        prevention_mechanism=values.get("prevention_mechanism", ""),
        date=values.get("date", f"{desk.clock.now():%Y-%m-%d}"),
        author=values.get("author", desk.actor),
        test=values.get("test", ""),
        incident=state.id,
    )
