"""How well and fast log messages are grouped, how often a quiet log alarms, how often a new error is found.

The data are the sixteen logs of Loghub with their labels (research use; never committed here):
`git clone https://github.com/logpai/loghub`, then `./dev bench log_signatures loghub`. drain3 with its
default settings is measured beside it, on the same messages.
"""

from __future__ import annotations

import argparse
import csv
import logging
import random
import re
import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from andon.response.shapes import merging, shape
from andon.response.signatures import Signatures
from andon.response.watch import Flag, Watched, watch
from andon.response.windows import Window

#: Systems that the settings of `andon.response.shapes` were chosen on; the others were only tried.
CHOSEN_ON = ("Android", "BGL", "HPC", "HealthApp", "Mac", "OpenStack", "Spark", "Windows")
#: Logs of supercomputers, whose errors come in bursts that no web application has.
CLUSTERS = ("BGL", "HPC", "Thunderbird")
FGA, SPEED, ALARMS, RECALL, MEMORY = 0.88, 25.0, 0.05, 0.95, 64.0
LINES, WINDOWS = 100, 20
OCCURRENCES = (1, 2, 3, 5)
BIG = ("HDFS", "OpenStack", "Hadoop")


class System:
    """One log with its labels."""

    def __init__(self, path: Path) -> None:
        """Read the log and what each of its lines is."""
        self.name = path.name
        self.lines = (path / f"{path.name}_2k.log").read_bytes().split(b"\n")[: LINES * WINDOWS]
        with open(path / f"{path.name}_2k.log_structured.csv", encoding="utf-8", errors="replace") as file:
            rows = list(csv.DictReader(file))[: LINES * WINDOWS]
        self.messages = [row["Content"] for row in rows]
        self.labels = [row["EventId"] for row in rows]


def systems(directory: Path) -> list[System]:
    """Return all logs that are there."""
    return [System(path.parent) for path in sorted(directory.glob("*/*_2k.log_structured.csv"))]


# -- grouping --------------------------------------------------------------------------------------


def scores(groups: list[str], labels: list[str]) -> tuple[float, float]:
    """Return grouping accuracy and its F1 over groups (GA and FGA of Jiang et al., ISSTA 2024)."""
    found: dict[str, list[int]] = defaultdict(list)
    true: dict[str, list[int]] = defaultdict(list)
    for number, (group, label) in enumerate(zip(groups, labels, strict=True)):
        found[group].append(number)
        true[label].append(number)
    right = {tuple(members) for members in true.values()}
    good = [members for members in found.values() if tuple(members) in right]
    return sum(map(len, good)) / len(labels), 2 * len(good) / (len(found) + len(true))


def by_andon(messages: list[str]) -> list[str]:
    """Group by shape, and merge."""
    shapes = [shape(message) for message in messages]
    merged = merging(set(shapes))
    return [merged.of(one) for one in shapes]


def by_mask(messages: list[str]) -> list[str]:
    """Group by shape only."""
    return [shape(message) for message in messages]


def by_drain3(messages: list[str]) -> list[str]:
    """Group by drain3 as it comes."""
    from drain3 import TemplateMiner
    from drain3.template_miner_config import TemplateMinerConfig

    logging.disable(logging.INFO)
    miner = TemplateMiner(config=TemplateMinerConfig())
    return [str(miner.add_log_message(message)["cluster_id"]) for message in messages]


def has_drain3() -> bool:
    """Say whether drain3 is installed."""
    try:
        import drain3  # noqa: F401
    except ImportError:
        print("drain3 is not installed, so nothing is measured beside Andon")
        return False
    return True


def grouping(logs: list[System], ways: dict[str, Callable[[list[str]], list[str]]]) -> dict[str, float]:
    """Print the table of all systems; return the mean FGA of each way."""
    print(f"\n{'grouping':14}" + "".join(f"{f'{way} GA':>16}{'FGA':>8}" for way in ways))
    rows = {log.name: [scores(group(log.messages), log.labels) for group in ways.values()] for log in logs}
    means = {
        "mean of all": list(rows),
        "chosen on": [name for name in rows if name in CHOSEN_ON],
        "held out": [name for name in rows if name not in CHOSEN_ON],
    }
    for title, names in means.items():
        rows[title] = [
            tuple(sum(rows[n][way][k] for n in names) / len(names) for k in (0, 1))
            for way in range(len(ways))
        ]
    for name, row in rows.items():
        print(f"{name:14}" + "".join(f"{ga:16.3f}{fga:8.3f}" for ga, fga in row))
    return {way: rows["mean of all"][number][1] for number, way in enumerate(ways)}


# -- speed -----------------------------------------------------------------------------------------


def larger(log: System, size: int) -> Iterator[bytes]:
    """Yield the log over and over with other numbers; moments and the length of small ones stay."""
    chance = random.Random(1)

    def other(found: re.Match[bytes]) -> bytes:
        width = len(found[0])
        if width > 4:
            return b"%d" % chance.randrange(10**width)
        return bytes(48 + chance.randrange(10) for _ in range(width))

    head = 60 if log.name == "OpenStack" else 30
    done = 0
    while done < size:
        piece = b"\n".join(line[:head] + re.sub(rb"\d+", other, line[head:]) for line in log.lines) + b"\n"
        done += len(piece)
        yield piece


def megabytes_a_second(work: Callable[[], object], size: int) -> float:
    """Return how much of the log was worked on in a second of processor time."""
    begun = time.process_time()
    work()
    return size / 1e6 / (time.process_time() - begun)


def feed(pieces: list[bytes]) -> Signatures:
    """Read a log that comes in pieces."""
    log = Signatures()
    for piece in pieces:
        log.feed(piece)
    log.close()
    return log


def speed(logs: list[System], size: int, with_drain3: bool) -> float:
    """Print megabytes a second of processor time; return the slowest of Andon."""
    print(f"\n{'speed':14}{'MB':>6}{'Andon MB/s':>12}{'lines/s':>12}{'drain3 MB/s':>13}{'times':>8}")
    slowest = float("inf")
    for log in (log for log in logs if log.name in BIG):
        pieces = list(larger(log, size))
        total = sum(map(len, pieces))
        lines = sum(piece.count(b"\n") for piece in pieces)
        ours = max(megabytes_a_second(lambda p=pieces: feed(p), total) for _ in range(3))  # type: ignore[misc]
        slowest = min(slowest, ours)
        told = f"{log.name:14}{total / 1e6:6.0f}{ours:12.1f}{ours * 1e6 * lines / total:12,.0f}"
        if with_drain3:
            few = pieces[: max(len(pieces) // 8, 1)]
            texts = b"".join(few).decode("utf-8", "replace").splitlines()
            theirs = megabytes_a_second(lambda t=texts: by_drain3(t), sum(map(len, few)))  # type: ignore[misc]
            told += f"{theirs:13.1f}{ours / theirs:8.1f}"
        print(told)
    return slowest


def memory(size: int) -> float:
    """Return the peak in MB over a log whose every line is of a new shape, and one line without end."""
    chance = random.Random(1)

    def word() -> str:
        return "".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(9))

    log = Signatures()
    tracemalloc.start()
    for _ in range(size // 500_000):
        lines = [f"2024-05-01T12:00:00Z ERROR {word()} {word()} {word()} lost" for _ in range(500_000 // 80)]
        log.feed("\n".join(lines).encode() + b"\n")
    for _ in range(size // 500_000):
        log.feed(b"endless" * 70_000)
    log.close()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak


# -- watching --------------------------------------------------------------------------------------


def window_of(lines: list[bytes]) -> Window:
    """Return what some lines say."""
    log = Signatures()
    log.feed(b"\n".join(lines))
    return log.close()[0]


def errors_of(window: Window) -> set[str]:
    """Return the kinds of errors of a window."""
    return {kind.signature for kind in window.signatures} | window.troubling


def cut(log: System, without: str = "") -> list[list[bytes]]:
    """Return the windows of a log, without the lines of one label."""
    labelled = list(zip(log.lines, log.labels, strict=False))
    return [
        [line for line, label in labelled[at : at + LINES] if label != without]
        for at in range(0, LINES * WINDOWS, LINES)
    ]


def failing(found: Watched) -> tuple[bool, bool]:
    """Say whether a verification would fail, and whether it would be unknown for weak evidence or silence."""
    strong = [flag for flag in found.flags if flag.flag is not Flag.VANISHED and not flag.is_weak]
    return bool(strong), bool(found.flags) and not strong


def quiet(logs: list[System]) -> dict[str, tuple[int, int]]:
    """Return for each log how many of its windows fail, and are in doubt, against all its other windows."""
    told = {}
    for log in logs:
        windows = [window_of(lines) for lines in cut(log)]
        found = [
            failing(watch(before=windows[:n] + windows[n + 1 :], after=windows[n])) for n in range(WINDOWS)
        ]
        told[log.name] = (sum(strong for strong, _ in found), sum(weak for _, weak in found))
    return told


def missed(log: System) -> dict[int, tuple[int, int, int]]:
    """Return for each count of occurrences: templates of errors, how many fail when new, and are doubted.

    A template is taken out of all windows, then so many of its own lines are put into one.
    """
    chance = random.Random(1)
    whole = [window_of(lines) for lines in cut(log)]
    told = dict.fromkeys(OCCURRENCES, (0, 0, 0))
    for label in sorted(set(log.labels)):
        own = [line for line, other in zip(log.lines, log.labels, strict=False) if other == label]
        if not errors_of(window_of(own[:50])):
            continue
        held = cut(log, without=label)
        windows = [
            old if len(lines) == LINES else window_of(lines) for old, lines in zip(whole, held, strict=True)
        ]
        at = chance.randrange(WINDOWS)
        for occurrences in OCCURRENCES:
            added = [chance.choice(own) for _ in range(occurrences)]
            names = errors_of(window_of(added))
            after = window_of(held[at] + added)
            found = watch(before=windows[:at] + windows[at + 1 :], after=after)
            flags = [flag for flag in found.flags if flag.signature in names]
            templates, strong, seen = told[occurrences]
            is_strong = any(not flag.is_weak for flag in flags)
            told[occurrences] = (templates + 1, strong + is_strong, seen + bool(flags))
    return told


def watching(logs: list[System]) -> tuple[float, float]:
    """Print false alarms and recall; return the share of false alarms and the recall at three occurrences."""
    alarms = quiet(logs)
    recalls = {log.name: missed(log) for log in logs}
    heads = f"{'fail':>6}{'doubt':>7}  of {WINDOWS} quiet windows"
    print(f"\n{'watching':14}{heads}{'new at 3 fail':>16}{'or doubt':>10}{'of':>5}")
    for name, (strong, weak) in alarms.items():
        templates, failed, seen = recalls[name][3]
        print(f"{name:14}{strong:6}{weak:7}{'':20}{failed:16}{seen:10}{templates:5}")
    groups = {"all": list(alarms), "no clusters": [name for name in alarms if name not in CLUSTERS]}
    print()
    for title, names in groups.items():
        count = WINDOWS * len(names)
        strong, weak = (sum(alarms[name][k] for name in names) / count for k in (0, 1))
        print(f"{title:12} of {count} quiet windows fail {strong:.1%}, in doubt {weak:.1%}")
        for occurrences in OCCURRENCES:
            total, failed, seen = (sum(recalls[name][occurrences][k] for name in names) for k in (0, 1, 2))
            told = f"fail {failed / total:.3f}, fail or doubt {seen / total:.3f}"
            print(f"{'':12} of {total} templates that are new, at {occurrences}: {told}")
    total, _, seen = (sum(recalls[name][3][k] for name in alarms) for k in (0, 1, 2))
    return sum(strong for strong, _ in alarms.values()) / (WINDOWS * len(alarms)), seen / total


def main() -> int:
    """Print the tables; with --check, fail when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, help="a clone of logpai/loghub")
    parser.add_argument("--megabytes", type=int, default=24, help="size of the logs for the speed")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    arguments = parser.parse_args()
    logs = systems(arguments.directory)
    if len(logs) != 16:
        parser.error(f"{arguments.directory} holds {len(logs)} of the 16 labelled logs")
    print(f"Python {sys.version.split()[0]}, processor time, one core")
    with_drain3 = has_drain3()
    ways = {"Andon": by_andon, "mask only": by_mask} | ({"drain3": by_drain3} if with_drain3 else {})
    fga = grouping(logs, ways)["Andon"]
    slowest = speed(logs, arguments.megabytes * 1_000_000, with_drain3)
    peak = memory(2_000_000)
    print(f"\npeak memory over a log of new shapes and endless lines: {peak:.0f} MB")
    alarms, recall = watching(logs)
    kept = {
        f"FGA {fga:.3f} >= {FGA}": fga >= FGA,
        f"{slowest:.1f} MB/s >= {SPEED:g}": slowest >= SPEED,
        f"{peak:.0f} MB <= {MEMORY:g}": peak <= MEMORY,
        f"false alarms {alarms:.1%} <= {ALARMS:.0%}": alarms <= ALARMS,
        f"recall at three {recall:.3f} >= {RECALL}": recall >= RECALL,
    }
    print("\n" + "\n".join(f"{'kept  ' if is_kept else 'MISSED'}  {what}" for what, is_kept in kept.items()))
    return 1 if arguments.check and not all(kept.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
