"""Everything the use cases need from outside, as protocols, with the values that cross and the errors raised.

Adapters live in `journal`, `production`, `notify`; fakes in tests/fakes; both pass the same contract suites.
Import this module for type checking only: it must not cost start-up time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from andon.config.model import Config
    from andon.desk.guarding_ports import BanFile, Receipts, References, Tainted
    from andon.desk.leak.ports import Histories
    from andon.desk.leak.room import LeakRoom
    from andon.desk.ports_flags import FlagSystem
    from andon.desk.ports_gap import GapWorks
    from andon.desk.ports_hygiene import FlagSources
    from andon.desk.ports_leak import Objects, RemoteHosts
    from andon.desk.values import (
        Appended,
        Attempt,
        AuditAnswer,
        AuditReport,
        Blob,
        Capacity,
        CertificateReport,
        Commit,
        DeployReport,
        FileChange,
        Head,
        LogExcerpt,
        Message,
        MigrationStep,
        ProbeReport,
        ReleaseOnDisk,
        Stored,
    )
    from andon.incident.events import Event
    from andon.incident.policy import People
    from andon.incident.recorded import Batch, Recorded
    from andon.incident.words import CommandId, EvidenceHash
    from andon.response.audits.plan import Question
    from andon.response.change import Change, ChangeCommit, Everything
    from andon.response.findings.finding import Scan
    from andon.response.gates.pushed import Known
    from andon.response.hooks.plan import HookPlace, Launcher
    from andon.response.schema.layouts import Framework
    from andon.response.trial import Snapshot
    from andon.secrets.ignore_audit import IgnoreRule


class Journal(Protocol):
    """Append-only streams of events, hash-chained, durable before `append` returns.

    A stream is an incident's id, or `service` for the ledger of deployments.
    """

    #: Where it is, for people; never with a password.
    place: str

    def append(self, stream: str, batch: Batch) -> Appended:
        """Record all events of the batch or none, in order, at the end of the stream.

        A batch whose command id is known already is not recorded again: the first answer is returned with
        `repeated=True`. Raises Conflict when `batch.expected` is given and the stream has another length;
        Unavailable when the journal cannot be written (locked, read-only, full, broken).
        """

    def read(self, stream: str) -> tuple[Recorded, ...]:
        """Return the stream's events in order; empty for an unknown stream. Raises Unavailable."""

    def heads(self) -> tuple[Head, ...]:
        """Return every stream's name and length, in the order in which the streams began."""

    def newest(self, types: Sequence[str]) -> dict[str, str]:
        """Return, per stream, the newest event type among `types`; one query, however long the history."""

    def read_types(self, stream: str, types: Sequence[str]) -> tuple[Recorded, ...]:
        """Return the stream's events of these types in order; the others are not even decoded."""

    def recall(self, command: CommandId) -> Appended | None:
        """Return what was recorded under a command id before, None when nothing was."""

    def claim_number(self) -> int:
        """Return a number that no other caller ever gets from this journal: 1, 2, 3, ..."""

    def audit(self, stream: str) -> AuditReport:
        """Recompute the chain and name the first event that was altered, removed or put in."""

    def close(self) -> None:
        """Release the connection."""


class EvidenceStore(Protocol):
    """Content-addressed blobs. What is stored has passed the redactor and the size limit."""

    def put(self, content: bytes, media_type: str) -> Stored:
        """Store `content` (redacted, cut to the limit) durably; the same content is stored once."""

    def get(self, evidence: EvidenceHash) -> Blob:
        """Return a stored blob; raises NotFound."""

    def damaged(self) -> tuple[EvidenceHash, ...]:
        """Return the hashes whose content no longer matches them."""

    def hashes(self) -> tuple[EvidenceHash, ...]:
        """Return every stored hash."""


class Redactor(Protocol):
    """The one seam through which text passes before it is stored, sent or shown."""

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return the content without known secrets and how many were replaced. Idempotent."""

    def redact_stream(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what `redact` makes of the whole, however it was cut into pieces, in bounded memory.

        What is yielded never ends inside of a marker.
        """

    def redact_words(self, text: str) -> str:
        """Return a short text without secrets, at hardly any cost when it plainly holds none.

        Never fails: where the known values cannot be read, what a secret looks like is still known.
        """

    def mark(self, value: bytes) -> str:
        """Return the six digits by which a secret is called here; the same for the same secret."""

    def know(self, values: Sequence[bytes]) -> None:
        """Take more values that are secret, from now on."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Ids(Protocol):
    """New identities."""

    def new(self) -> str:
        """Return 32 hexadecimal digits that nobody had before."""


class Repository(Protocol):
    """The git repository in which the command was given."""

    #: Root of the work tree.
    root: str

    def commit_of(self, reference: str) -> str:
        """Return the full commit id of a tag, branch or commit; raises NotFound."""

    def head(self) -> str:
        """Return the commit id of HEAD; raises NotFound in an empty repository."""

    def tags(self) -> tuple[tuple[str, str], ...]:
        """Return (tag, commit id), oldest first."""

    def changed_files(self, base: str, head: str) -> tuple[str, ...]:
        """Return the paths that differ between two commits; raises NotFound."""

    def changes(self, base: str, head: str) -> tuple[FileChange, ...]:
        """Return the files that differ between two commits, by path; raises NotFound, Unavailable."""

    def content(self, commit: str, path: str) -> bytes | None:
        """Return a file as it is in a commit; None when there is none. Raises NotFound, Unavailable."""

    def contents(self, commit: str, paths: Sequence[str], largest: int) -> dict[str, bytes]:
        """Return several files of a commit by path, without those that are not there or longer (bytes)."""

    def search(
        self, commit: str, words: Sequence[str], endings: Sequence[str], limit: int
    ) -> tuple[str, ...]:
        """Return at most `limit` text files, named with one of `endings`, that hold one of `words`."""

    def files(self, commit: str, under: str = "") -> tuple[str, ...]:
        """Return the paths of all files in a commit, or of those below a directory."""

    def commits(self, base: str, head: str, limit: int = 50) -> tuple[str, ...]:
        """Return `short-id subject` of the commits in base..head, newest first."""

    def line(self, base: str, head: str) -> tuple[Commit, ...]:
        """Return the commits of the main line (first parents) after `base` up to `head`, oldest first."""

    def touched(self, base: str, head: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the commits of `line` with the files each of them changed, in the same order."""


class Changes(Protocol):
    """What commits, ranges of commits and the index change, as git compares them."""

    #: Root of the work tree, or the bare repository.
    root: str

    def staged(self, base: str = "") -> Change:
        """Return what a commit of the index would change, or all since the commit `base`; raises as below."""

    def between(self, base: str, head: str) -> Change:
        """Return what leads from `base` ("" for nothing at all) to `head`; raises NotFound, Unavailable."""

    def commits(self, without: Sequence[str], head: str, limit: int = 10_000) -> tuple[ChangeCommit, ...]:
        """Return the commits that `head` reaches and none of `without` does, newest first."""

    def merge_base(self, one: str, other: str) -> str:
        """Return the newest commit that both have; "" when they have none in common."""

    def with_texts(self, change: Change, largest: int = ...) -> Change:
        """Return the change with the texts of its files before and after, where they are texts."""

    def each(self, commits: Sequence[ChangeCommit]) -> Iterator[Change]:
        """Return which files each commit changes against its first parent; raises as `between` does.

        Whether the lines that differ are told too is not said; `between` tells them.
        Of a merge only the files are told that differ from all its parents: the rest was in a commit before.
        """

    def blob(self, identity: str) -> bytes:
        """Return the content of an object; raises Unavailable."""

    def content(self, head: str, path: str) -> bytes | None:
        """Return a file as it is in a commit, or in the index for ""; None when it is not there."""

    def contents(self, head: str, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the files that are there, by path; raises Unavailable for one that is too large."""

    def objects(self, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each object with its content in pieces, however large; read one before asking for the next.

        Raises Unavailable for one that is not there.
        """

    def stream(self, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Do what `objects` does for the many objects of a history; raises Unavailable, later perhaps."""

    def everything(self, *, unreachable: bool = False) -> Everything:
        """Return every object that a reference reaches, or every one that is there, and all references."""

    def first_commits(self, identities: Sequence[str]) -> dict[str, str]:
        """Return the oldest commit that brings each of these objects; what no commit brings is left out."""


class Ranges(Protocol):
    """Which commits arrive with a push or a build, and what branches, tags and clones say about them."""

    #: Root of the work tree, or the bare repository.
    root: str

    def commit(self, name: str) -> str:
        """Return the commit that a name or a tag stands for; "" when it is not here, or no commit."""

    def tag_message(self, name: str) -> str:
        """Return an annotated tag as git keeps it, with the tags that it tags; "" for anything else."""

    def branch(self) -> str:
        """Return the branch that is checked out, or that is being rebased; "" when HEAD is detached."""

    def default_branch(self) -> str:
        """Return the branch that a clone begins with; "" when that cannot be told."""

    def is_ancestor(self, one: str, other: str) -> bool:
        """True when `other` reaches `one`."""

    def merge_base(self, one: str, others: Sequence[str]) -> str:
        """Return the newest commit that `one` has in common with any of the others; "" for none."""

    def arriving(
        self, head: str, known: Known, limit: int = ...
    ) -> tuple[tuple[ChangeCommit, ...], tuple[str, ...]]:
        """Return the commits that `head` reaches and nothing known does, newest first, and those just before.

        One more than `limit` commits are returned when there are more. Raises Unavailable.
        """

    def not_in(self, head: str, other: str) -> tuple[str, ...]:
        """Return what `head` reaches and `other` neither reaches nor has as the same change, newest first."""

    def by_hand(self, merge: ChangeCommit) -> tuple[str, ...] | None:
        """Return the files of a merge that are not what git makes of its two parents, conflicts apart.

        None when that cannot be told: more parents, or a git older than 2.38.
        """

    def heads_of(self, branch: str) -> tuple[str, ...]:
        """Return the commits at which a branch stands, here and on the remotes."""

    def cut_off(self) -> tuple[str, ...]:
        """Return the commits whose parents are left out of this clone; empty for a whole one."""

    def remote_of(self, name: str, address: str) -> str:
        """Return the remote whose branches are known here: by its name or address; "*" when there is none."""

    def remotes(self) -> tuple[str, ...]:
        """Return the remotes that are configured, and those whose branches are known here."""

    def settings(self, *names: str) -> dict[str, str]:
        """Return git's settings of these names (in lower case) that are given."""

    def file(self, commit: str, path: str) -> bytes | None:
        """Return a file of a commit; None when there is none. Raises Unavailable for a large one."""


class Ignores(Protocol):
    """What git ignores: by the rules of a commit, which every clone has, and here with those of this machine.

    Bytes of a name that are not UTF-8 come as surrogates, so that git can be asked about it again.
    """

    @property
    def has_work_tree(self) -> bool:
        """True unless the repository is bare: then what is `here` is empty."""

    def files(self, commit: str) -> tuple[str, ...]:
        """Return the paths of the files in a commit; raises Unavailable."""

    def submodules(self, commit: str) -> tuple[str, ...]:
        """Return where other repositories begin, into which nobody looks from here."""

    def committed(
        self, commit: str, paths: Sequence[str], added: Sequence[str] = ...
    ) -> dict[str, IgnoreRule]:
        """Return the rule of a commit about each path, with `added` at the end of the root's .gitignore.

        No commit ("") has no rules but those. Raises Unavailable.
        """

    def here(self, paths: Sequence[str]) -> dict[str, IgnoreRule]:
        """Return what git says in this work tree; empty where it does not say."""

    def tracked_although_ignored(self) -> tuple[str, ...]:
        """Return the files of the index that git would ignore if they were new."""

    def untracked(self) -> tuple[str, ...]:
        """Return the files here that are in no commit, ignored ones too.

        None of a directory that is ignored as a whole.
        """

    def content_here(self, path: str) -> bytes | None:
        """Return a file of the work tree; None for a link, what lies outside, or more than 1 MB."""


class HookFiles(Protocol):
    """The hooks of the repository; a process that dies leaves the old file or the new one."""

    def place(self) -> HookPlace:
        """Return where git looks for hooks; raises NotFound outside a repository, Unavailable."""

    def launcher(self) -> Launcher:
        """Return how a hook starts this Andon; empty where that is left to PATH."""

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None when there is none. Raises InvalidInput, Unavailable."""

    def is_run(self, name: str) -> bool:
        """True for a file that git would start: it passes over one that is not executable."""

    def write(self, name: str, text: str) -> None:
        """Put an executable file in place; raises Unavailable."""

    def keep(self, name: str, other: str) -> None:
        """Give a file a second name, if that is free, with its mode and content; raises Unavailable."""

    def put_back(self, name: str, other: str) -> None:
        """Give a file another name, over what stands there; raises Unavailable."""

    def remove(self, name: str) -> None:
        """Remove a file; raises Unavailable."""


class Scanner(Protocol):
    """Something that looks for weaknesses in code."""

    name: str
    #: True when it looks at a whole commit, False when at the changed files alone.
    is_whole: bool

    def covers(self, path: str, text: str, /) -> bool:
        """True for a file that it would look at."""

    def scan(self, commit: str, texts: Mapping[str, str], /) -> tuple[Scan, ...]:
        """Return what it finds in the texts by path, as they are at a commit.

        Raises Unavailable or InvalidInput when it did not look, so that nothing found is never made of that.
        """


class AuditTools(Protocol):
    """Programs that know of weaknesses in dependencies."""

    def has(self, program: str, /) -> bool:
        """True when it can be started."""

    def ask(self, question: Question, timeout: float, /) -> AuditAnswer:
        """Run a tool on the files of a question, away from the repository; never raises for how it ends."""


class Checkout(Protocol):
    """A work tree of Andon's own that stands at one commit at a time."""

    def switch(self, commit: str, *, fresh: bool) -> None:
        """Go to a commit; what the commands left behind there is removed, ignored files only when `fresh`.

        Raises Unavailable when git cannot check it out.
        """

    def run(self, arguments: Sequence[str], timeout: float, shown: int = ...) -> Attempt:
        """Run a command there, with ANDON_COMMIT set; never raises for how it ends.

        `shown` characters of the end of its output are kept.
        """

    def read(self, path: str, largest: int) -> bytes | None:
        """Return a regular file that a command left there; None for none, and for a larger one (bytes)."""


class Checkouts(Protocol):
    """Old commits, checked out where they can be tried. The user's own work tree is never touched."""

    def open(self) -> AbstractContextManager[Checkout]:
        """Make a work tree, and remove it again however the block ends; raises Unavailable.

        Also removes what a process that was killed left behind.
        """

    def remember(self, content: bytes) -> None:
        """Keep how far a search got, for whoever resumes it; private, whole or not at all."""

    def recall(self) -> bytes:
        """Return what was kept last, b"" when there is nothing."""

    def forget(self) -> None:
        """Remove what was kept."""


class Branches(Protocol):
    """Branches of the user's repository, which only a person's own command makes, merges or switches."""

    #: Root of the work tree.
    root: str

    def tip(self, branch: str) -> str:
        """Return the commit a branch, or a remote's branch, stands at; "" when there is no such branch."""

    def place_of(self, branch: str) -> str:
        """Return the work tree in which a branch is checked out, "" for none."""

    def uncommitted(self, place: str = "") -> tuple[str, ...]:
        """Return the tracked files that differ from the last commit in a work tree (default: this one)."""

    def main_line(self) -> str:
        """Return the name of the main branch, "" when there is none of the usual names."""

    def contains(self, holder: str, commit: str) -> bool:
        """True when `commit` is `holder` or came before it; raises NotFound for one that is not there."""

    def unpicked(self, holder: str, base: str, head: str) -> tuple[str, ...]:
        """Return the commits in base..head of which `holder` has neither themselves nor the same patch."""

    def has_content(self, holder: str, base: str, head: str) -> bool:
        """True when everything that leads from `base` to `head` is in the files of `holder` already."""

    def lacks_content(self, holder: str, base: str, head: str) -> bool:
        """True when what leads from `base` to `head` could be done to `holder` anew: it has nothing of it.

        So a change that was merged and reverted is told from one that was built on. False where that cannot
        be told, because the files went on since.
        """

    def start(self, branch: str, commit: str, place: str = "") -> str:
        """Make a branch at a commit, unless it is there, and check it out; return the work tree it is in.

        In this work tree, or in a new one at `place`. Raises Refused when something would be lost.
        """

    def lend(self, file: str, place: str) -> bool:
        """Put an untracked copy of a file at the root of `place`; False where there is one already."""

    def mark(self, version: str, commit: str) -> bool:
        """Make a tag at a commit; False when it is there already, or when no tag can be called that.

        Raises Conflict when it is elsewhere.
        """

    def merge(self, commit: str, into: str, message: str) -> str:
        """Merge a commit into a local branch and return the merge.

        Raises Refused when it does not merge by itself, and leaves everything as it was.
        """


class Deployer(Protocol):
    """Puts versions into production. Versions are untrusted text: validated before any use."""

    #: Name of the adapter.
    kind: str
    #: Programs it runs, which have to be on the PATH.
    programs: tuple[str, ...]

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return what could be deployed, newest first; raises Unavailable."""

    def running(self) -> str:
        """Return the version in production, "" when it cannot be told; raises Unavailable."""

    def preflight(self, version: str, /) -> None:
        """Raise Refused, with the way out, when going to `version` would not work or would not last.

        An auto-sync that would put the bad version back, a revision that never ran: whatever this system can
        know beforehand.
        """

    def capacity(self, version: str, /) -> Capacity:
        """Say whether all copies of `version` are ready to serve; never raises, does not wait."""

    def logs(self, since: datetime | None, limit: int, /) -> LogExcerpt:
        """Return at most `limit` bytes from the end of production's own log; never raises.

        A deployer without logs says so in the excerpt's `failure`.
        """

    def deploy(self, version: str, operation: str) -> DeployReport:
        """Put `version` into production and wait; never raises for a failed deployment, it reports it.

        `operation` is passed on as ANDON_OPERATION, so that a deploy tool can recognise a repetition.
        """

    def describe(self, version: str) -> tuple[str, ...]:
        """Return, in words and argument lists, exactly what `deploy` would do."""


class DeployRunner(Protocol):
    """Carries out deployments in processes of their own, which outlive whoever started them."""

    #: Which operations directory this is; what another host's runner does cannot be seen from here.
    host: str

    def begin(self, incident: str, operation: str, actor: str) -> None:
        """Start the operation's deployment unless it ever was; raises Unavailable. Returns at once."""

    def phase(self, operation: str) -> str:
        """Return `new` (never started here), `running`, `ended` (there is a report) or `gone` (died)."""

    def report(self, operation: str) -> DeployReport | None:
        """Return how the deployment ended, None when it has not, or when nobody saw it."""

    def forbid(self, operation: str) -> bool:
        """Make sure that it never starts from here; False when it already has."""


class Probe(Protocol):
    """One smoke test or dependency check."""

    name: str
    covers: str
    critical: bool

    def run(self) -> ProbeReport:
        """Run it within its time limit; never raises: what cannot be run is unknown."""


class LogSource(Protocol):
    """Somewhere logs can be read."""

    name: str

    def tail(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return at most `limit` bytes from the end; never raises: what cannot be read says why."""

    def follow(self, cursor: str, limit: int) -> LogExcerpt:
        """Return what was written since an excerpt with this `cursor`, at most `limit` bytes; never raises.

        Each byte comes once, in order, over a rotation as well; a line may come in two pieces. Where lines
        may be missing, `gap` says why. When `limit` bytes came, more may be there: go on with the new cursor.
        "" begins at the end. After a failure the cursor is the same, and can be tried again.
        """


class Certificates(Protocol):
    """The certificates that production shows, and those of what it depends on."""

    def expiry(self, url: str, /) -> CertificateReport:
        """Return until when the certificate at an https address is valid; never raises."""


class WatchedFiles(Protocol):
    """Files whose change changes production without a release: settings, flags."""

    def changed_at(self, path: str, /) -> datetime | None:
        """Return when a file below the root was last written; None when it is not there."""


class SchemaCopy(Protocol):
    """A database that only this trial knows and that is gone afterwards."""

    #: Where programs find it; holds the password of the server: only ever an environment variable of theirs.
    url: str
    #: True when it holds no table yet, so that its schema has to be built first.
    is_empty: bool

    def apply(self, script: str) -> None:
        """Run SQL; raises TrialFailed, after which the copy may hold half of it."""

    def seed(self) -> None:
        """Put a row into every empty table, as far as its rules allow."""

    def snapshot(self) -> Snapshot:
        """Return catalog and rows as they are now; raises TrialFailed."""


class SchemaTrial(Protocol):
    """Makes disposable copies of a schema; what it copies from is only ever read."""

    #: For people: the server or the file, without any password.
    place: str

    def copy(self) -> AbstractContextManager[SchemaCopy]:
        """Make a copy and drop it at the end, whatever happens in between.

        Raises Refused for a database that is not to be touched, TrialFailed when no copy can be made.
        """


class MigrationRunner(Protocol):
    """Runs migrations that are programs, with the team's own tool or the framework's library."""

    def run(self, way: str, steps: Sequence[MigrationStep], url: str) -> None:
        """Run migrations `up` or `down` in the given order on the database at `url`; raises TrialFailed."""


class Notifier(Protocol):
    """Sends messages."""

    def send(self, target: str, message: Message) -> None:
        """Deliver `message`; raises DeliveryFailed with a reason and whether it is permanent."""


class Desk(Protocol):
    """Everything a use case may reach; adapters are made on first use, so nobody pays for the rest."""

    @property
    def config(self) -> Config:
        """What the team configured."""

    @property
    def journal(self) -> Journal:
        """The event store."""

    @property
    def evidence(self) -> EvidenceStore:
        """The evidence store."""

    @property
    def redactor(self) -> Redactor:
        """The seam that knows this service's secrets."""

    @property
    def clock(self) -> Clock:
        """What time it is."""

    @property
    def ids(self) -> Ids:
        """New identities."""

    @property
    def actor(self) -> str:
        """Who gives the command."""

    @property
    def command(self) -> CommandId:
        """Given by the caller to make a repeated command one command, else new."""

    @property
    def people(self) -> People:
        """Who may decide."""

    @property
    def repository(self) -> Repository:
        """The git repository."""

    @property
    def changes(self) -> Changes:
        """What commits and the index change."""

    @property
    def ranges(self) -> Ranges:
        """Which commits arrive with a push or a build."""

    @property
    def ignores(self) -> Ignores:
        """What git ignores."""

    @property
    def objects(self) -> Objects:
        """All that the repository stores."""

    @property
    def remote_hosts(self) -> RemoteHosts:
        """What remotes and their hosts say of themselves."""

    @property
    def hook_files(self) -> HookFiles:
        """The files of git's hooks."""

    @property
    def references(self) -> References:
        """What the repository knows before a reference moves."""

    @property
    def receipts(self) -> Receipts:
        """Which commits a gate of this repository judged."""

    @property
    def tainted(self) -> Tainted:
        """Which commits that were fetched hold a secret."""

    @property
    def bans(self) -> BanFile:
        """What must not come back into this repository."""

    @property
    def branches(self) -> Branches:
        """The branches of the repository."""

    @property
    def checkouts(self) -> Checkouts:
        """Where old commits are tried."""

    @property
    def scanners(self) -> Sequence[Scanner]:
        """What looks for weaknesses in code."""

    @property
    def audit_tools(self) -> AuditTools:
        """What knows of weaknesses in dependencies."""

    @property
    def deployer(self) -> Deployer | None:
        """What puts versions into production; None when nothing is configured."""

    @property
    def flag_system(self) -> FlagSystem | None:
        """Where feature flags are switched, None when nothing is configured."""

    @property
    def gap_works(self) -> GapWorks:
        """What builds the two worlds of a search for the gap between tests and production."""

    @property
    def flag_sources(self) -> FlagSources:
        """The files in which flags may be asked for."""

    @property
    def leak_room(self) -> LeakRoom:
        """Where the values of leaked secrets are kept."""

    @property
    def probes(self) -> Sequence[Probe]:
        """The smoke tests."""

    @property
    def staging(self) -> Sequence[Probe]:
        """The smoke tests of staging."""

    @property
    def dependencies(self) -> Sequence[Probe]:
        """The checks of what production depends on."""

    @property
    def logs(self) -> Sequence[LogSource]:
        """The logs."""

    @property
    def certificates(self) -> Certificates:
        """The certificates of addresses."""

    @property
    def files(self) -> WatchedFiles:
        """The files whose change changes production."""

    @property
    def histories(self) -> Histories:
        """What works on copies of the repository's whole history."""

    @property
    def notifier(self) -> Notifier:
        """What sends messages."""

    def trial(self, address: str) -> SchemaTrial:
        """Return what makes disposable copies of the database at `address`; raises InvalidInput, Refused."""

    def runner(self, framework: Framework) -> MigrationRunner | None:
        """Return what runs a framework's migrations that are programs; None when nothing here can."""

    def addresses(self, severity: str) -> dict[str, str]:
        """Return masked name to address of the stakeholders for a severity; "" for one that is not set."""

    def targets(self, severity: str) -> tuple[str, ...]:
        """Return the masked names of the stakeholders for a severity."""

    @property
    def worker_lock(self) -> str:
        """The file that a worker on this machine holds while it works on the service's journal."""

    @property
    def starts_workers(self) -> bool:
        """False where only workers that run already carry out what is approved."""

    def start_worker(self) -> int:
        """Start a process that carries out what is approved and then leaves; return its id, 0 for none."""

    def nudge(self) -> None:
        """Have waiting messages delivered once the command is done, without waiting for it."""

    def append(
        self,
        stream: str,
        events: Sequence[Event],
        expected: int | None = None,
        command: CommandId | None = None,
    ) -> Appended:
        """Record events in the name of the actor, now; `command` replaces the id of the given command.

        What follows from an act is recorded under an id made from the act's own, so that it is recorded once
        however often it is tried.
        """

    def history(self, stream: str) -> tuple[Recorded, ...]:
        """Return a stream's events."""
