"""What git ignores, said by a test: everything, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from andon.secrets.ignore_audit import IgnoreRule


class FakeIgnores:
    """The port `Ignores`."""

    def __init__(self) -> None:
        self.has_work_tree = True
        #: Files of every commit, and of the work tree alone with their contents.
        self.tracked: tuple[str, ...] = ()
        self.new: dict[str, bytes] = {}
        #: Whether a committed rule ignores a path that is not named in `open`.
        self.open: set[str] = set()
        self.ignores_all = True

    def files(self, commit: str) -> tuple[str, ...]:
        return self.tracked

    def submodules(self, commit: str) -> tuple[str, ...]:
        return ()

    def committed(
        self, commit: str, paths: Sequence[str], added: Sequence[str] = ()
    ) -> dict[str, IgnoreRule]:
        rule = IgnoreRule(source=".gitignore", line=1, pattern=".env*")
        examples = ".example"
        return {
            path: rule if self._is_ignored(path) and not path.endswith(examples) else IgnoreRule()
            for path in paths
        }

    def _is_ignored(self, path: str) -> bool:
        return self.ignores_all and path not in self.open and path not in self.tracked

    def here(self, paths: Sequence[str]) -> dict[str, IgnoreRule]:
        return self.committed("", paths)

    def tracked_although_ignored(self) -> tuple[str, ...]:
        return ()

    def untracked(self) -> tuple[str, ...]:
        return tuple(self.new)

    def content_here(self, path: str) -> bytes | None:
        return self.new.get(path)
