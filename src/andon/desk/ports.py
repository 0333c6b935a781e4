"""The desk: everything that a use case may reach. Each port is beside this, in `ports_<subject>`.

A port's module has the protocols of its subject and the part of the desk on which they lie; what a use case
needs of the desk it can name by these parts. Adapters live in `journal`, `production`, `notify`; fakes in
tests/fakes; both pass the same contract suites. Import these modules for type checking only: they must not
cost start-up time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from andon.desk.ports_changes import ChangesDesk
from andon.desk.ports_flags import FlagSystemDesk
from andon.desk.ports_gap import GapDesk
from andon.desk.ports_guarding import GuardingDesk
from andon.desk.ports_histories import HistoriesDesk
from andon.desk.ports_hygiene import FlagSourcesDesk
from andon.desk.ports_journal import JournalDesk
from andon.desk.ports_leak import LeakDesk
from andon.desk.ports_messages import MessagesDesk
from andon.desk.ports_production import ProductionDesk
from andon.desk.ports_repository import RepositoryDesk
from andon.desk.ports_scanning import ScanningDesk
from andon.desk.ports_trial import TrialDesk
from andon.desk.ports_workers import WorkersDesk

if TYPE_CHECKING:
    from andon.config.model import Config


class Desk(
    JournalDesk,
    RepositoryDesk,
    ChangesDesk,
    GuardingDesk,
    ScanningDesk,
    ProductionDesk,
    TrialDesk,
    FlagSystemDesk,
    FlagSourcesDesk,
    GapDesk,
    LeakDesk,
    HistoriesDesk,
    MessagesDesk,
    WorkersDesk,
    Protocol,
):
    """Everything a use case may reach; adapters are made on first use, so nobody pays for the rest."""

    @property
    def config(self) -> Config:
        """What the team configured."""
