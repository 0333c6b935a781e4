"""The adapters that work on the repository. Made when they are first asked for."""

from __future__ import annotations

from functools import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports_changes import Changes, Ignores, Ranges
    from andon.desk.ports_guarding import BanFile, HookFiles, Receipts, References, Tainted
    from andon.desk.ports_hygiene import FlagSources
    from andon.desk.ports_repository import Branches, Checkouts, Repository
    from andon.desk.ports_scanning import AuditTools, Scanner
    from andon.wiring.given import Given
else:
    Given = object


class RepositoryAdapters(Given):
    """The ports on a git repository, joined to their adapters."""

    @cached_property
    def repository(self) -> Repository:
        """The git repository."""
        from andon.production.git import GitRepository

        return GitRepository(self.config.root)

    @cached_property
    def changes(self) -> Changes:
        """What commits and the index change."""
        from andon.production.git_changes import GitChanges

        return GitChanges(self.config.root)

    @cached_property
    def ranges(self) -> Ranges:
        """Which commits arrive with a push or a build."""
        from andon.production.git_ranges import GitRanges

        return GitRanges(self.config.root)

    @cached_property
    def ignores(self) -> Ignores:
        """What git ignores."""
        from andon.production.git_ignores import GitIgnores

        return GitIgnores(self.config.root)

    @cached_property
    def hook_files(self) -> HookFiles:
        """The files of git's hooks."""
        from andon.production.hook_files import GitHookFiles

        return GitHookFiles(self.config.root)

    @cached_property
    def references(self) -> References:
        """What the repository knows before a reference moves."""
        from andon.production.git_references import GitReferences

        return GitReferences(self.config.root)

    @cached_property
    def receipts(self) -> Receipts:
        """Which commits a gate of this repository judged."""
        from andon.production.receipts_file import GitReceipts

        return GitReceipts(self.config.root)

    @cached_property
    def tainted(self) -> Tainted:
        """Which commits that were fetched hold a secret."""
        from andon.production.tainted_file import TaintedFile

        return TaintedFile(self.config.root)

    @cached_property
    def bans(self) -> BanFile:
        """What must not come back into this repository."""
        from andon.production.ban_file import GitBanFile

        return GitBanFile(self.config.root)

    @cached_property
    def branches(self) -> Branches:
        """The branches of the repository."""
        from andon.production.git_branches import GitBranches

        return GitBranches(self.config.root)

    @cached_property
    def checkouts(self) -> Checkouts:
        """Where old commits are tried."""
        from andon.production.checkouts import GitCheckouts

        return GitCheckouts(self.config.root)

    @cached_property
    def scanners(self) -> Sequence[Scanner]:
        """What looks for weaknesses in code."""
        from andon.production.scanners import scanners_for

        return scanners_for(self.config.scanners, self.checkouts)

    @cached_property
    def audit_tools(self) -> AuditTools:
        """What knows of weaknesses in dependencies."""
        from andon.production.audit_tools import ProgramsOnPath

        return ProgramsOnPath()

    @cached_property
    def flag_sources(self) -> FlagSources:
        """The files in which flags may be asked for."""
        from andon.production.flag_sources import GitFlagSources

        return GitFlagSources(self.config.root)
