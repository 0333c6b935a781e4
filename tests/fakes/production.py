"""A production in memory: deployer, probe, log source, repository; held to the contracts of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from andon.desk.values import (
    Attachment,
    Attempt,
    Capacity,
    CertificateReport,
    Commit,
    DeployReport,
    FileChange,
    LogExcerpt,
    ProbeReport,
    ReleaseOnDisk,
)
from andon.errors import InvalidInput, NotFound, Refused
from andon.incident.words import Outcome, Verdict
from andon.response.logs import after


class FakeDeployer:
    """Keeps its releases in a tuple; `break_with` makes deployments end otherwise than well."""

    kind = "fake"
    programs: tuple[str, ...] = ()

    def __init__(self, releases: Sequence[ReleaseOnDisk], running: str = "") -> None:
        self.available = tuple(releases)
        self.live = running
        self.deployed: list[tuple[str, str]] = []
        self.break_with: tuple[Outcome, str] | None = None
        #: Why `preflight` refuses; how often `capacity` says no before it says yes; what `logs` returns.
        self.refusal = ""
        self.slow = 0
        self.asked_for_capacity = 0
        self.log = b""

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        return self.available

    def running(self) -> str:
        return self.live

    def deploy(self, version: str, operation: str) -> DeployReport:
        self.deployed.append((version, operation))
        if version not in [release.version for release in self.available]:
            return self._report(Outcome.FAILED, f"there is no release {version!r}")
        if self.break_with:
            return self._report(*self.break_with)
        self.live = version
        return self._report(Outcome.SUCCEEDED, f"{version} deployed")

    def describe(self, version: str) -> tuple[str, ...]:
        if version not in [release.version for release in self.available]:
            raise NotFound(f"there is no release {version!r}")
        return (f"put {version} into production",)

    def preflight(self, version: str) -> None:
        if self.refusal:
            raise Refused(self.refusal, rule="preflight", remedy="as the test says")

    def capacity(self, version: str) -> Capacity:
        self.asked_for_capacity += 1
        ready = self.asked_for_capacity > self.slow
        return Capacity(
            verdict=Verdict.PASSED if ready else Verdict.FAILED, summary=f"{int(ready)} of 1 ready"
        )

    def logs(self, since: datetime | None, limit: int) -> LogExcerpt:
        return LogExcerpt(name=self.kind, content=self.log[-limit:] if limit > 0 else b"")

    def _report(self, outcome: Outcome, detail: str) -> DeployReport:
        return DeployReport(outcome=outcome, output="", detail=detail, seconds=0.1, running_version=self.live)


class FakeProbe:
    """Gives the verdicts it was told, the last one for ever."""

    def __init__(
        self, name: str, verdicts: Sequence[Verdict] | Verdict, *, covers: str = "", critical: bool = False
    ) -> None:
        self.name = name
        self.covers = covers
        self.critical = critical
        self.verdicts = [verdicts] if isinstance(verdicts, Verdict) else list(verdicts)
        self.runs = 0
        #: What it leaves behind when it does not pass.
        self.attachments: tuple[Attachment, ...] = ()

    def run(self) -> ProbeReport:
        verdict = self.verdicts[min(self.runs, len(self.verdicts) - 1)]
        self.runs += 1
        return ProbeReport(
            verdict=verdict,
            summary=f"{self.name} {verdict}",
            detail="as told",
            seconds=0.01,
            attachments=() if verdict is Verdict.PASSED else self.attachments,
        )


class FakeLogSource:
    """A log in memory; `failure` makes it unreadable."""

    def __init__(self, name: str, content: bytes = b"", failure: str = "") -> None:
        self.name = name
        self.content = content
        self.failure = failure

    def tail(self, since: datetime | None, limit: int) -> LogExcerpt:
        if self.failure:
            return LogExcerpt(name=self.name, content=b"", failure=self.failure)
        content = self.content if since is None else after(self.content, since)
        kept = content[-limit:] if limit > 0 else b""
        cursor = str(len(self.content))
        return LogExcerpt(name=self.name, content=kept, total_size=len(self.content), cursor=cursor)

    def follow(self, cursor: str, limit: int) -> LogExcerpt:
        if self.failure:
            return LogExcerpt(name=self.name, content=b"", failure=self.failure, cursor=cursor)
        whole = len(self.content)
        at = int(cursor) if cursor.isdigit() and int(cursor) <= whole else whole
        kept = self.content[at : at + max(limit, 0)]
        gap = "it is not known how far this log was read" if cursor and not cursor.isdigit() else ""
        end = str(at + len(kept))
        return LogExcerpt(name=self.name, content=kept, total_size=len(kept), cursor=end, gap=gap)


class FakeCertificates:
    """Certificates by address; one it does not know cannot be told."""

    def __init__(self, known: dict[str, datetime] | None = None) -> None:
        self.known = known or {}

    def expiry(self, url: str) -> CertificateReport:
        host = url.partition("://")[2].partition("/")[0]
        if not url.startswith("https://"):
            return CertificateReport(host=host, failure="this is no https address")
        if url not in self.known:
            return CertificateReport(host=host, failure="no certificate was shown: refused")
        return CertificateReport(host=host, expires_at=self.known[url])


class FakeFiles:
    """Moments at which files were written."""

    def __init__(self, known: dict[str, datetime] | None = None) -> None:
        self.known = known or {}

    def changed_at(self, path: str) -> datetime | None:
        return self.known.get(path)


class FakeRepository:
    """Commits in one line, oldest first: (id, subject, changed files, tags).

    A file consists of the subjects of the commits that changed it, unless `told` has its content by commit id
    and path (None: it is not there).
    """

    def __init__(
        self,
        root: str,
        history: Sequence[tuple[str, str, Sequence[str], Sequence[str]]],
        told: dict[tuple[str, str], bytes | None] | None = None,
    ) -> None:
        self.root = root
        self.history = tuple(history)
        self.told = told or {}

    def commit_of(self, reference: str) -> str:
        if not reference or reference.startswith("-") or any(c <= " " for c in reference):
            raise InvalidInput(f"{reference!r} cannot name a commit")
        for commit, _, _, tags in self.history:
            if reference in tags or (len(reference) >= 7 and commit.startswith(reference)):
                return commit
        if reference == "HEAD" and self.history:
            return self.history[-1][0]
        raise NotFound(f"no tag, branch or commit is called {reference!r}", remedy="git fetch --tags")

    def head(self) -> str:
        if not self.history:
            raise NotFound("the repository has no commit yet")
        return self.history[-1][0]

    def tags(self) -> tuple[tuple[str, str], ...]:
        return tuple((tag, commit) for commit, _, _, tags in self.history for tag in tags)

    def changed_files(self, base: str, head: str) -> tuple[str, ...]:
        return tuple(change.path for change in self.changes(base, head))

    def changes(self, base: str, head: str) -> tuple[FileChange, ...]:
        paths = sorted({path for _, _, paths, _ in self._between(base, head) for path in paths})
        found = []
        for path in paths:
            before, now = self.content(base, path), self.content(head, path)
            if before != now:
                kind = "added" if before is None else "removed" if now is None else "changed"
                found.append(FileChange(path=path, kind=kind))
        return tuple(found)

    def content(self, commit: str, path: str) -> bytes | None:
        wanted = self.commit_of(commit)
        if (wanted, path) in self.told:
            return self.told[wanted, path]
        upto = self.history[: [c for c, *_ in self.history].index(wanted) + 1]
        return b"".join(f"{subject}\n".encode() for _, subject, paths, _ in upto if path in paths) or None

    def contents(self, commit: str, paths: Sequence[str], largest: int) -> dict[str, bytes]:
        found = {path: self.content(commit, path) for path in paths}
        return {path: c for path, c in found.items() if c is not None and len(c) <= largest}

    def search(
        self, commit: str, words: Sequence[str], endings: Sequence[str], limit: int
    ) -> tuple[str, ...]:
        looked_at = [path for path in self.files(commit) if path.endswith(tuple(endings))]
        found = self.contents(commit, looked_at, 1 << 20)
        return tuple(sorted(p for p, c in found.items() if any(w.encode() in c for w in words)))[:limit]

    def files(self, commit: str, under: str = "") -> tuple[str, ...]:
        paths = {path for _, _, paths, _ in self.history for path in paths} | {path for _, path in self.told}
        below = under.rstrip("/") + "/" if under.strip("/") else ""
        return tuple(p for p in sorted(paths) if p.startswith(below) and self.content(commit, p) is not None)

    def line(self, base: str, head: str) -> tuple[Commit, ...]:
        began = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
        ids = [commit for commit, *_ in self.history]
        return tuple(
            Commit(id=c, subject=subject, committed_at=began + timedelta(seconds=ids.index(c)), author="A")
            for c, subject, _, _ in self._between(base, head)
        )

    def touched(self, base: str, head: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((commit, tuple(sorted(paths))) for commit, _, paths, _ in self._between(base, head))

    def commits(self, base: str, head: str, limit: int = 50) -> tuple[str, ...]:
        newest_first = reversed(self._between(base, head))
        return tuple(f"{commit[:7]} {subject}" for commit, subject, _, _ in newest_first)[:limit]

    def _between(self, base: str, head: str) -> list[tuple[str, str, Sequence[str], Sequence[str]]]:
        ids = [commit for commit, *_ in self.history]
        return list(self.history[ids.index(self.commit_of(base)) + 1 : ids.index(self.commit_of(head)) + 1])


class FakeCheckouts:
    """Checkouts in memory: `test` says how a command goes at a commit; what was done is kept in `done`."""

    def __init__(self, test: Callable[[str, tuple[str, ...]], Attempt]) -> None:
        self.test = test
        self.commit = ""
        #: Commits switched to with whether freshly, and commands run, in order.
        self.done: list[tuple[str, object]] = []
        self.opened = 0
        self.kept = b""
        #: What the commands left behind, by path.
        self.left: dict[str, bytes] = {}

    @contextmanager
    def open(self) -> Iterator[FakeCheckouts]:
        self.opened += 1
        try:
            yield self
        finally:
            self.opened -= 1

    def switch(self, commit: str, *, fresh: bool) -> None:
        self.commit = commit
        self.done.append((commit, fresh))

    def run(self, arguments: Sequence[str], timeout: float, shown: int = 4000) -> Attempt:
        self.done.append((self.commit, tuple(arguments)))
        return self.test(self.commit, tuple(arguments))

    def read(self, path: str, largest: int) -> bytes | None:
        content = self.left.get(path)
        return content if content is not None and len(content) <= largest else None

    def remember(self, content: bytes) -> None:
        self.kept = content

    def recall(self) -> bytes:
        return self.kept

    def forget(self) -> None:
        self.kept = b""
