"""The adapters that see production, change it, or copy it. Made when they are first asked for."""

from __future__ import annotations

import os
from functools import cached_property

from andon.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.config.model_production import ProbeConfig
    from andon.desk.ports_flags import FlagSystem
    from andon.desk.ports_gap import GapWorks
    from andon.desk.ports_production import Certificates, Deployer, LogSource, Probe, WatchedFiles
    from andon.desk.ports_trial import MigrationRunner, SchemaTrial
    from andon.response.schema.layouts import Framework
    from andon.wiring.given import Given
else:
    Given = object


class ProductionAdapters(Given):
    """The ports on production and on copies of it, joined to their adapters."""

    @cached_property
    def deployer(self) -> Deployer | None:
        """What puts versions into production, None when nothing is configured."""
        from andon.production.deployers import deployer_for

        return deployer_for(self.config.deploy, self.config.root)

    @cached_property
    def flag_system(self) -> FlagSystem | None:
        """Where feature flags are switched, None when nothing is configured."""
        from andon.production.flag_systems import flag_system_for

        return flag_system_for(self.config.flag_system, self.config.root)

    @cached_property
    def gap_works(self) -> GapWorks:
        """What builds the two worlds of a search for the gap."""
        from andon.production.gap.works import RealWorks

        return RealWorks(self.config, self.redactor)

    @cached_property
    def probes(self) -> Sequence[Probe]:
        """The smoke tests."""
        return _probes(self.config.smoke, self.config.root)

    @cached_property
    def staging(self) -> Sequence[Probe]:
        """The smoke tests of staging."""
        return _probes(self.config.staging, self.config.root)

    @cached_property
    def dependencies(self) -> Sequence[Probe]:
        """The checks of what production depends on."""
        return _probes(self.config.dependencies, self.config.root)

    @cached_property
    def logs(self) -> Sequence[LogSource]:
        """The logs."""
        from andon.production.log_sources import log_source_for

        configured = self.config.logs
        return tuple(log_source_for(log, self.config.root, lambda: self.deployer) for log in configured)

    @cached_property
    def certificates(self) -> Certificates:
        """The certificates of addresses."""
        from andon.production.certificate import TlsCertificates

        return TlsCertificates()

    @cached_property
    def files(self) -> WatchedFiles:
        """The files whose change changes production."""
        from andon.production.watched_files import FilesOnDisk

        return FilesOnDisk(self.config.root)

    def trial(self, address: str) -> SchemaTrial:
        """Return what makes disposable copies of the database at `address`; `$NAME` is looked up."""
        from andon.production.trials import trial_for

        trial, found = self.config.trial, address
        if address.startswith("$"):
            found = os.environ.get(address[1:].strip("{}"), "")
            if not found:
                raise NotFound(
                    f"{address} is not set in the environment",
                    where="trial database",
                    rule="trial-dsn",
                    remedy=f"export {address[1:].strip('{}')}=postgresql://user:password@host/database",
                )
        own = (*trial.production, *((self.place,) if "://" in self.place else ()))
        return trial_for(found, own, self.config.root, trial.timeout)

    def runner(self, framework: Framework) -> MigrationRunner | None:
        """Return what runs a framework's programs: the configured commands, else the project's Alembic."""
        from andon.production.trial_runners import AlembicRunner, CommandRunner

        trial, root = self.config.trial, self.config.root
        if trial.up:
            return CommandRunner(
                trial.up, trial.down, trial.base, variable=trial.url, cwd=root, limit=trial.timeout
            )
        if framework.value == "Alembic":
            return AlembicRunner(trial.python or ("python3",), cwd=root, limit=trial.timeout)
        return None


def _probes(configured: Sequence[ProbeConfig], root: str) -> Sequence[Probe]:
    from andon.production.probes import probe_for

    return tuple(probe_for(p, root) for p in configured)
