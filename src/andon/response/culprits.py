"""Which commit probably did it: the files that the errors' stack frames name, and how new it is.

The size of a change is no sign of guilt and is left out. bench/culprit.py measures it on real reverts.
"""

from __future__ import annotations

import re
from math import log

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Files that are told apart in the errors, and characters of a text that are read for them.
FRAMES = 200
READ = 1 << 20
#: How much a frame makes a commit likelier than its age alone says, for each unit of its score. Between 10
#: and 100 the ranking of real culprits is the same; what matters is that frames and age count together.
WEIGHT = 30.0

#: A file with a line, as every language writes it: `File "a/b.py", line 3`, `b.rb:3:in`, `(B.java:3)`.
_FRAME = re.compile(r"(?<![\w./@~+\\-])([\w./@~+\\-]{1,300}\.[A-Za-z]\w{0,5})(?::\d|\", line \d)")
#: A signature that ends in its frame: `KeyError in shop/orders.py:place`.
_SIGNATURE = re.compile(r" in ([\w./@~+\\-]{1,300}\.[A-Za-z]\w{0,5}):[^\s:]+$")
_FOREIGN = re.compile(
    r"site-packages/|dist-packages/|/lib/python3|/lib64/python3|node_modules/|/gems/|/pkg/mod/|/vendor/|^node:"
)


class Candidate(Record):
    """A commit of the range, with the files it changed."""

    commit: str
    files: tuple[str, ...]


class Suspect(Record):
    """A commit with what speaks against it."""

    commit: str
    #: How rare the frames are that lead to it, summed up; 0 when only its age speaks against it.
    score: float
    #: The files it changed that the errors pass through, strongest first.
    files: tuple[str, ...] = ()


def frames_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the files of the project's own code that stack traces and signatures name, as they name them."""
    found: dict[str, None] = {}
    for text in texts:
        for pattern in (_FRAME, _SIGNATURE):
            for name in pattern.findall(text[:READ]):
                if not _FOREIGN.search(name) and len(found) < FRAMES:
                    found[name.replace("\\", "/")] = None
    return tuple(found)


def rank(candidates: Sequence[Candidate], frames: Sequence[str]) -> tuple[Suspect, ...]:
    """Return the candidates, most suspect first; `candidates` are given oldest first.

    A frame counts by how few of the candidates it leads to: log((n + 1) / d), the inverse document frequency.
    A file that every commit changes says next to nothing. What the frames say is divided by the commit's
    place from the newest: a trace passes through files that older commits happen to have changed, too.
    """
    places: dict[str, list[tuple[int, str]]] = {}
    for number, candidate in enumerate(candidates):
        for path in candidate.files:
            places.setdefault(path.rpartition("/")[2], []).append((number, path))
    scores: dict[int, float] = {}
    hits: dict[int, dict[str, float]] = {}
    for frame in dict.fromkeys(frames):
        led_to = _led_to(frame, places.get(frame.rpartition("/")[2], ()))
        weight = log((len(candidates) + 1) / len(led_to)) if led_to else 0.0
        for number, path in led_to.items():
            scores[number] = scores.get(number, 0.0) + weight
            files = hits.setdefault(number, {})
            files[path] = files.get(path, 0.0) + weight
    count = len(candidates)

    def suspicion(number: int) -> float:
        return (1 + WEIGHT * scores.get(number, 0.0)) / (count - number)

    order = sorted(range(count), key=lambda number: (-suspicion(number), -number))
    return tuple(
        Suspect(
            commit=candidates[number].commit,
            score=round(scores.get(number, 0.0), 3),
            files=tuple(sorted(hits.get(number, ()), key=lambda path: -hits[number][path])),
        )
        for number in order
    )


def likelier(suspects: Sequence[Suspect]) -> tuple[tuple[str, float], ...]:
    """Return by which factor each suspect is likelier than its age says, for a weighted search."""
    return tuple((s.commit, 1 + WEIGHT * s.score) for s in suspects if s.score > 0)


def _led_to(frame: str, places: Sequence[tuple[int, str]]) -> dict[int, str]:
    """Return the candidates that changed the file a frame names, with its path in the repository.

    A production has its own directories (`/srv/app/shop/orders.py`), so names are compared from their end:
    one is the end of the other, or the last two parts agree. Of several files, the one that agrees furthest.
    """
    wanted = [part for part in frame.split("/") if part not in ("", ".", "..", "~")]
    agreeing: dict[int, tuple[int, str]] = {}
    for number, path in places:
        parts = path.split("/")
        same = 0
        while same < min(len(parts), len(wanted)) and parts[-1 - same] == wanted[-1 - same]:
            same += 1
        enough = same >= 2 or same in (len(parts), len(wanted))
        if enough and same > agreeing.get(number, (0, ""))[0]:
            agreeing[number] = (same, path)
    furthest = max((same for same, _ in agreeing.values()), default=0)
    return {number: path for number, (same, path) in agreeing.items() if same == furthest}
