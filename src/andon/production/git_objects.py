"""Every object that a repository stores, streamed from one process of git in bounded memory."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile

from andon.desk.leak.stored import Batch, CommitHeader
from andon.errors import Unavailable
from andon.production.git_moments import signature
from andon.production.hook_environment import environment_for_git
from andon.secrets.leak.finder import CARRIED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from andon.desk.leak.stored import Difference, Stored

#: Bytes that are handed over together.
_TOGETHER = 4 << 20
#: Largest object that is handed over whole, so that an archive can be opened; as the gate's limit.
WHOLE = 64 << 20
#: Bytes of a large object in one part, and how much of it the next part repeats.
_PART, OVERLAP = 8 << 20, CARRIED
#: Bytes that a pipe holds, where the system lets us say so: fewer switches between git and us.
_PIPE = 1 << 20
#: How often git is started again behind an object that it cannot read.
_RESTARTS = 1000
#: So that a promised object is never fetched, and nothing but this repository is asked.
_OFFLINE = ("-c", "protocol.allow=never", "-c", "core.fsmonitor=false", "-c", "core.quotepath=off")


class GitObjects:
    """The part of the port `Objects` that reads objects."""

    def __init__(self, root: str) -> None:
        """Keep the root; nothing is asked before the first question."""
        self.root = root

    def batches(self, broken: dict[str, str]) -> Iterator[Batch]:
        """Yield every object stored here once; what cannot be read is named in `broken`."""
        seen: set[str] = set()
        words = ("cat-file", "--batch", "--batch-all-objects", "--unordered", "--buffer")
        with self.running(*words) as (read, ended):
            for batch in _batches(read, broken):
                seen.update(stored[0] for stored in batch.objects)
                yield batch
            if ended() == 0:
                return
        yield from self._one_by_one(seen, broken)

    def contents(self, ids: Iterable[str]) -> Iterator[Batch]:
        """Yield these objects, without those that are not there."""
        given = "".join(f"{one}\n" for one in ids).encode()
        if given:
            with self.running("cat-file", "--batch", "--buffer", given=given) as (read, _):
                yield from _batches(read, {})

    def _one_by_one(self, seen: set[str], broken: dict[str, str]) -> Iterator[Batch]:
        """Yield what is left after git stopped at an object that it cannot read."""
        words = ("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
        with self.running(*words) as (read, _):
            known = b"".join(iter(read, b"")).decode("ascii", "replace").split("\n")
        left = [name for line in known if (name := line.split(" ")[0]) and name not in seen]
        left = [name for name in left if name not in broken]
        for _ in range(_RESTARTS):
            if not left:
                return
            given = "".join(f"{one}\n" for one in left).encode()
            with self.running("cat-file", "--batch", "--buffer", given=given) as (read, ended):
                for batch in _batches(read, broken):
                    seen.update(stored[0] for stored in batch.objects)
                    yield batch
                code = ended()
            left = [name for name in left if name not in seen and name not in broken]
            if left and code != 0:
                broken[left.pop(0)] = "it is damaged"
        for name in left:
            broken[name] = "too many others are damaged"

    def differences(
        self, pairs: Sequence[tuple[str, str]], broken: dict[str, str]
    ) -> Iterator[tuple[int, list[Difference]]]:
        """Yield for each pair of trees its number and the files that differ."""
        empty = self.empty_tree()
        at = 0
        for _ in range(_RESTARTS):
            given = "".join(f"{old or empty} {new or empty}\n" for old, new in pairs[at:]).encode()
            words = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
            with self.running(*words, given=given) as (read, ended):
                numbers = {f"{old or empty} {new or empty}": n for n, (old, new) in enumerate(pairs)}
                for pair, found in _differences(read):
                    at = numbers[pair] + 1
                    yield at - 1, found
                if ended() == 0 or at >= len(pairs):
                    return
            old, new = pairs[at]
            broken[new or old] = "what it changes cannot be told: a tree is missing or damaged"
            at += 1

    def headers(self, ids: Iterable[str]) -> dict[str, CommitHeader]:
        """Return author and moments of commits by id."""
        found = {}
        for batch in self.contents(dict.fromkeys(ids)):
            for name, kind, start, stop in batch.objects:
                if kind == "commit":
                    found[name] = _header(batch.content[start:stop])
        return found

    def tree_files(self, tree: str) -> tuple[tuple[str, str], ...]:
        """Return (path, object) of all files of a tree or commit; raises Unavailable."""
        with self.running("ls-tree", "-r", "-z", "--full-tree", tree) as (read, ended):
            answer = b"".join(iter(read, b""))
            if ended() != 0:
                raise Unavailable(f"the files of {tree[:10]} cannot be listed", where=self.root)
        found = []
        for entry in answer.split(b"\0"):
            told, _, path = entry.partition(b"\t")
            if path:
                found.append((path.decode("utf-8", "surrogateescape"), told.split(b" ")[2].decode("ascii")))
        return tuple(found)

    def empty_tree(self) -> str:
        """Return the id of the tree without files, in this repository's form of ids."""
        with self.running("hash-object", "-t", "tree", "--stdin") as (read, _):
            return b"".join(iter(read, b"")).decode("ascii", "replace").strip()

    @contextlib.contextmanager
    def running(
        self, *words: str, given: bytes = b""
    ) -> Iterator[tuple[Callable[[], bytes], Callable[[], int]]]:
        """Run git; give what reads its next bytes (b"" at the end), and what waits for its exit code.

        However the block ends, git is gone. Raises Unavailable when it cannot be started.
        """
        with contextlib.ExitStack() as stack:
            source = subprocess.DEVNULL
            file = None
            if given:
                file = stack.enter_context(tempfile.TemporaryFile())
                file.write(given)
                file.seek(0)
            try:
                process = subprocess.Popen(
                    ["git", "--no-pager", "-C", self.root, *_OFFLINE, *words],
                    stdin=file or source,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=environment_for_git(self.root),
                    start_new_session=True,
                )
            except OSError as problem:
                raise Unavailable(
                    f"git cannot be started: {problem.strerror}",
                    where=self.root,
                    remedy="install git and put it on PATH",
                ) from problem
            stack.callback(_end, process)
            assert process.stdout is not None  # noqa: S101 - it was asked for
            pipe = process.stdout.fileno()
            _widen(pipe)
            yield lambda: os.read(pipe, _PIPE), process.wait


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _widen(pipe: int) -> None:
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _batches(read: Callable[[], bytes], broken: dict[str, str]) -> Iterator[Batch]:
    """Yield what `git cat-file --batch` answers."""
    held, objects, at = bytearray(), list[tuple[str, str, int, int]](), 0
    while True:
        piece = read()
        held += piece
        large, at = _take(held, at, objects, broken)
        if at >= _TOGETHER or not piece or large is not None:
            if objects:
                yield Batch(content=bytes(memoryview(held)[:at]), objects=objects)
                objects = []
            del held[:at]
            at = 0
        if large is not None:
            name, kind, size = large
            del held[: held.index(b"\n") + 1]
            whole = yield from _parts(name, kind, size, held, read)
            if not whole:
                broken[name] = "it is damaged"
                return
        elif not piece:
            return


def _take(
    held: bytearray, at: int, objects: list[Stored], broken: dict[str, str]
) -> tuple[tuple[str, str, int] | None, int]:
    """Note the objects that are complete from `at` on; return a large one that begins, and where we are."""
    length = len(held)
    while (end := held.find(b"\n", at)) >= 0:
        words = held[at:end].decode("ascii", "replace").split(" ")
        if len(words) != 3:
            broken[words[0]] = "it cannot be read"
            at = end + 1
            continue
        size = int(words[2])
        stop = end + 1 + size
        if size > WHOLE:
            return (words[0], words[1], size), at
        if stop >= length:
            break
        objects.append((words[0], words[1], end + 1, stop))
        at = stop + 1
    return None, at


def _parts(
    name: str, kind: str, size: int, held: bytearray, read: Callable[[], bytes]
) -> Generator[Batch, None, bool]:
    """Yield a large object in parts that overlap; return whether all of it came."""
    left = size
    before = b""
    while left > 0:
        while len(held) < min(left, _PART):
            piece = read()
            if not piece:
                return False
            held += piece
        part = before + bytes(memoryview(held)[: min(left, _PART)])
        taken = len(part) - len(before)
        del held[:taken]
        left -= taken
        yield Batch(content=part, objects=[(name, kind, 0, len(part))], is_part=True)
        before = part[-OVERLAP:]
    while not held:
        piece = read()
        if not piece:
            return False
        held += piece
    del held[:1]
    return True


def _differences(read: Callable[[], bytes]) -> Iterator[tuple[str, list[Difference]]]:
    """Yield what `git diff-tree -z --stdin` answers: the two trees, and what differs."""
    pair, found, held = "", list["Difference"](), b""
    meta = b""
    while piece := read():
        *tokens, held = (held + piece).split(b"\0")
        for token in tokens:
            if meta:  # a path stands after what is said of it, whatever it begins with
                _, new_mode, old, new, _ = meta.decode("ascii", "replace").split(" ")
                found.append((token, old, new, "160000" in (meta[1:7].decode("ascii"), new_mode)))
                meta = b""
                continue
            if not token.startswith(b":"):
                if pair:
                    yield pair, found
                head, _, token = token.partition(b"\n")
                pair, found = head.decode("ascii", "replace"), []
            meta = token
    if pair:
        yield pair, found


def _header(content: bytes) -> CommitHeader:
    author, authored, committed = "", None, None
    for line in content.partition(b"\n\n")[0].split(b"\n"):
        word, _, rest = line.partition(b" ")
        if word == b"author" and not author:
            author, authored = signature(rest)
        elif word == b"committer":
            committed = signature(rest)[1]
            break
    return CommitHeader(author=author, authored=authored, committed=committed)
