"""Keeping the reviewed exceptions: what stands on the protected branch, and a line for one more."""

from __future__ import annotations

from datetime import timedelta

from andon.desk.gate.secret_exceptions import exemptions_at, protected_tip
from andon.desk.secret_scan import sighted
from andon.errors import InvalidInput
from andon.record import Record
from andon.secrets.exceptions import (
    LONGEST,
    NAME,
    Exemption,
    Exemptions,
    hash_of,
    read_exemptions,
    with_entry,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from andon.desk.gate.secret_reading import SecretSearch
    from andon.desk.ports import Desk


class Exempted(Record):
    """A line that was written, and where."""

    file: str
    entry: Exemption


def standing_exceptions(desk: Desk) -> tuple[str, Exemptions]:
    """Return the protected commit ("" for none) and what its file says today; raises Unavailable."""
    commit = protected_tip(desk)
    return commit, exemptions_at(desk, commit, desk.clock.now().date())


def waiting_exceptions(desk: Desk, standing: Exemptions) -> tuple[Exemption, ...]:
    """Return what the file of the work tree excepts and the protected branch does not; () without a file."""
    from andon.desk.team_files import path_in, read_text

    before = read_text(path_in(desk.config.root, NAME)) or ""
    found = read_exemptions(before.encode(), desk.clock.now().date()).entries
    return tuple(entry for entry in found if entry not in standing.entries)


def exempt(
    desk: Desk, search: SecretSearch, fingerprint: str, owner: str, reason: str, until: date
) -> Exempted:
    """Write the exception for what was seen under a fingerprint into the work tree's file.

    Raises InvalidInput without a reason or with a day that is past or too far; NotFound for a fingerprint
    that nothing has now; what `team_files.change_file` raises.
    """
    from andon.desk.team_files import change_file

    today = desk.clock.now().date()
    if not reason.strip():
        raise InvalidInput("the reason is missing", where="--reason", rule="usage", remedy='--reason "..."')
    if not today <= until <= today + timedelta(days=LONGEST):
        raise InvalidInput(
            f"{until} is past, or more than {LONGEST} days from now",
            where="--until",
            rule="usage",
            remedy=f"--until {today + timedelta(days=90)}",
        )
    finding = sighted(desk, search, fingerprint.removeprefix("secrets:")).finding  # as a gate shows it
    made: list[Exemption] = []

    def change(text: str | None) -> str:
        before = (text or "").encode()
        salt = read_exemptions(before, today).salt or desk.ids.new()
        entry = Exemption(
            kind=finding.kind,
            path=finding.path,
            hash=hash_of(finding.sealed.value, salt),
            owner=owner.strip(),
            reason=" ".join(reason.split()),
            until=until,
        )
        made[:] = [entry]
        return with_entry(before, entry, salt).decode()

    change_file(desk.config.root, NAME, change)
    return Exempted(file=NAME, entry=made[0])
