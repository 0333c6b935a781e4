"""Starting the process that writes a history anew, following it, and reading its account."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import sys
import threading

from andon.errors import Unavailable
from andon.production.history_references import TIPS
from andon.production.process import run
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.production.history_git import MirrorGit

#: Seconds between two words about how far it got.
_PATIENCE = 2.0
#: Ends of lines that one commit gathers.
_PARENTS = 200
#: Seconds the rewriting may take.
_LONGEST = 24 * 3600.0


class Written(Record):
    """What the process says it did."""

    blobs: dict[str, str]
    noted: tuple[str, ...] = ()
    removed: int = 0
    lfs: tuple[str, ...] = ()


def rewrite(
    git: MirrorGit,
    room: str,
    *,
    tips: Sequence[str],
    before: Sequence[str],
    blobs: Sequence[str],
    commits: Sequence[str],
    paths: Sequence[bytes],
    total: int,
    tell: Callable[[str], None],
) -> Written:
    """Write the lines from after `before` to `tips` anew, in a process of its own; raises Unavailable."""
    if not tips:
        return Written(blobs={})
    ends = _gathered(git, tips)
    orders = "".join(f"update {TIPS}{number}\0{tip}\0\0" for number, tip in enumerate(ends))
    git.answer("update-ref", "--stdin", "-z", given=orders.encode())
    account, progress = (os.path.join(room, name) for name in ("account.json", "progress"))
    plan = {
        "secrets": [
            {
                "mark": s.mark,
                "kind": s.kind,
                "value": base64.b64encode(s.value).decode(),
                "variable": s.variable,
            }
            for s in git.remover.secrets
        ],
        "blobs": list(blobs),
        "commits": list(commits),
        "paths": [base64.b64encode(path).decode() for path in paths],
        "tips": [f"{TIPS}{number}" for number in range(len(ends))],
        "before": list(before),
        "account": account,
        "progress": progress,
    }
    for left in (account, progress):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(left)
    with _followed(progress, total, tell):
        done = run(
            [sys.executable, "-c", _START, *sys.path],
            cwd=git.git_dir,
            env={**git.environment, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            given=json.dumps(plan).encode(),
            timeout=_LONGEST,
            apart=True,
        )
    with contextlib.suppress(FileNotFoundError):
        os.unlink(progress)
    if not done.succeeded:
        raise Unavailable(
            f"the history could not be written anew: {git.told(done)}",
            where=git.git_dir,
            rule="leak-purge",
            remedy="the original is untouched; with room on the disk, the same again: andon leak purge --yes",
        )
    with open(account, encoding="ascii") as file:
        said = json.load(file)
    os.unlink(account)
    return Written(
        blobs=said["replaced"], noted=tuple(said["noted"]), removed=said["removed"], lfs=tuple(said["lfs"])
    )


def _gathered(git: MirrorGit, tips: Sequence[str]) -> list[str]:
    """Return few commits that reach all tips: a reference for each of thousands takes long."""
    identity = ("-c", "user.name=Andon", "-c", "user.email=andon@localhost")
    ends: list[str] = []
    for start in range(0, len(tips), _PARENTS):
        some = tips[start : start + _PARENTS]
        if len(some) > 1:
            parents = [word for tip in some for word in ("-p", tip)]
            made = git.line(*identity, "commit-tree", f"{some[0]}^{{tree}}", *parents, "-m", "ends of lines")
            some = [made]
        ends += some
    return ends


#: The child looks for its modules where we do, and nowhere in the mirror.
_START = (
    "import sys; sys.path[:] = [p for p in sys.argv[1:] if p]; sys.argv[1:] = []; "
    "from andon.production.history_rewrite_child import main; sys.exit(main())"
)


@contextlib.contextmanager
def _followed(progress: str, total: int, tell: Callable[[str], None]):  # type: ignore[no-untyped-def]
    """Tell how far the process got, every few seconds, while the block runs."""
    tell(f"writing {total} commits anew")
    over = threading.Event()

    def follow() -> None:
        told = ""
        while not over.wait(_PATIENCE):
            with contextlib.suppress(OSError), open(progress, encoding="ascii") as file:
                now = file.read()
                if now and now != told:
                    told = now
                    tell(f"{now} of {total} commits written anew")

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
