"""A port `Scanner` that finds the words it was told to look for."""

from __future__ import annotations

from collections.abc import Mapping

from andon.errors import AndonError
from andon.response.findings.finding import Finding, Grade, Scan


class FakeScanner:
    """Finds each line that holds one of its words; raises what a test put in."""

    def __init__(
        self,
        words: Mapping[str, Grade],
        endings: tuple[str, ...] = (".py",),
        failure: AndonError | None = None,
        broken: Mapping[str, tuple[str, ...]] | None = None,
        name: str = "fake",
    ) -> None:
        self.name = name
        self.is_whole = False
        self._words = dict(words)
        self._endings = endings
        self._failure = failure
        #: Commit to files that it cannot read there.
        self._broken = dict(broken or {})

    def covers(self, path: str, text: str, /) -> bool:
        return path.endswith(self._endings)

    def scan(self, commit: str, texts: Mapping[str, str], /) -> tuple[Scan, ...]:
        if self._failure is not None:
            raise self._failure
        broken = tuple(path for path in self._broken.get(commit, ()) if path in texts)
        found = [
            Finding(tool=self.name, rule=word, grade=grade, path=path, line=number, message=f"{word} is used")
            for path, text in texts.items()
            if path not in broken
            for number, line in enumerate(text.split("\n"), start=1)
            for word, grade in self._words.items()
            if word in line
        ]
        problems = tuple(f"{path} cannot be read" for path in broken)
        return (Scan(tool=self.name, findings=tuple(found), problems=problems, broken=broken),)
