"""The team's regression log: entries written into its file and put on record with the incident."""

from __future__ import annotations

from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.desk.team_files import change_file, path_in, read_text
from andon.errors import Refused
from andon.incident.commands import LogRegression
from andon.incident.events import RegressionLogged
from andon.review.regressions import RegressionEntry, append_entry, lint, read_entries, settle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.desk.ports import Desk
    from andon.incident.state import Incident


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
    )
    return record(desk, state, LogRegression(regression=logged)), kept


def entries(desk: Desk) -> tuple[RegressionEntry, ...]:
    """Return the entries of the team's regression log; none when the file is not there yet."""
    name = desk.config.review.regressions
    text = read_text(path_in(desk.config.root, name))
    return read_entries(text, name) if text else ()


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
        incident=state.id,
    )
