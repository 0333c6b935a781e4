"""The hooks of a repository in memory."""

from __future__ import annotations

from andon.response.hooks.plan import HookPlace, Launcher


class FakeHookFiles:
    """The port `HookFiles`; `fails_after` deeds it dies, as a killed process would."""

    def __init__(self, files: dict[str, bytes] | None = None, place: HookPlace | None = None) -> None:
        self.files = dict(files or {})
        self.at = place or HookPlace(directory="/shop/.git/hooks")
        self.starts = Launcher(python="/venv/bin/python", start="/venv/andon/hook_start.py")
        self.fails_after = 1000

    def place(self) -> HookPlace:
        return self.at

    def launcher(self) -> Launcher:
        return self.starts

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)

    def is_run(self, name: str) -> bool:
        return name in self.files

    def write(self, name: str, text: str) -> None:
        self._count()
        self.files[name] = text.encode()

    def keep(self, name: str, other: str) -> None:
        self._count()
        self.files.setdefault(other, self.files[name])

    def put_back(self, name: str, other: str) -> None:
        self._count()
        self.files[other] = self.files.pop(name)

    def remove(self, name: str) -> None:
        self._count()
        del self.files[name]

    def _count(self) -> None:
        self.fails_after -= 1
        if self.fails_after < 0:
            raise KeyboardInterrupt
