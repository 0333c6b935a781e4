"""How closely the start of a break is located in error counts, and how long that takes.

720 minutes of counts under the sinusoidal load of a day, with a step upwards at a random minute; two errors a
minute before it. Poisson noise, and noise with twice and with six times the variance. Peers see the same
series: the likelihood ratio over the whole of it, the largest difference of ten-minute means, a cumulative
sum, and ruptures where it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from andon.record import Record
from andon.response.change_point import change_point

MINUTES, BASE, NEAR = 720, 2.0, 2
TARGET_SHARE, TARGET_MS = 0.88, 1.0
#: The load swings by this share around its mean, and comes round once in the series.
SWING = 0.5
STEPS = (2, 5, 20)
#: Variance of the counts as a multiple of their mean.
NOISE = {"Poisson": 1.0, "2 x variance": 2.0, "6 x variance": 6.0}
#: A peer is far slower: it sees only so many of the series.
FEW = 20
#: Calls of which the fastest is meant.
REPEATS = 5

Locate = Callable[[Sequence[int], Sequence[float]], int]


class Series(Record):
    """Counts of errors and of all messages a minute, and where the step is."""

    counts: tuple[int, ...]
    messages: tuple[float, ...]
    at: int


def poisson(chance: random.Random, mean: float) -> int:
    """Return a Poisson number (Knuth's product; the normal approximation from 50 on)."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count


def noisy(chance: random.Random, mean: float, variance: float) -> int:
    """Return a count whose variance is `variance` times its mean: Poisson with a gamma-distributed rate."""
    if variance > 1:
        mean = chance.gammavariate(mean / (variance - 1), variance - 1)
    return poisson(chance, mean)


def series(seed: int, times: float, variance: float) -> Series:
    """Return one day with a break."""
    chance = random.Random(seed)
    at, phase = chance.randrange(60, MINUTES - 30), chance.random() * 2 * math.pi
    load = [1 + SWING * math.sin(2 * math.pi * minute / MINUTES + phase) for minute in range(MINUTES)]
    counts = [
        noisy(chance, BASE * load[minute] * (times if minute >= at else 1), variance)
        for minute in range(MINUTES)
    ]
    messages = [1.0 + poisson(chance, 100 * share) for share in load]
    return Series(counts=tuple(counts), messages=tuple(messages), at=at)


def andon(counts: Sequence[int], _: Sequence[float]) -> int:
    """Andon, from the errors alone."""
    found = change_point(counts)
    return found.index if found else -1


def andon_with_traffic(counts: Sequence[int], messages: Sequence[float]) -> int:
    """Andon, with the messages a minute beside the errors."""
    found = change_point(counts, messages)
    return found.index if found else -1


def whole_series(counts: Sequence[int], _: Sequence[float]) -> int:
    """Andon's likelihood ratio over the whole series instead of an hour on both sides."""
    found = change_point(counts, reach=len(counts))
    return found.index if found else -1


def difference(counts: Sequence[int], _: Sequence[float]) -> int:
    """Return the minute with the largest difference between the ten minutes after and before it."""
    rises = ((sum(counts[k : k + 10]) - sum(counts[k - 10 : k]), k) for k in range(10, len(counts) - 10))
    return max(rises)[1]


def cumulative(counts: Sequence[int], _: Sequence[float]) -> int:
    """Return the lowest point of the cumulative sum of deviations from the mean (CUSUM)."""
    mean, total, lowest, place = sum(counts) / len(counts), 0.0, 0.0, 0
    for minute, count in enumerate(counts, 1):
        total += count - mean
        if total < lowest:
            lowest, place = total, minute
    return place


def ruptures(counts: Sequence[int], _: Sequence[float]) -> int:
    """One break by binary segmentation with the least squares cost."""
    import numpy
    from ruptures import Binseg

    return int(Binseg(model="l2", jump=1).fit(numpy.array(counts, dtype=float)).predict(n_bkps=1)[0])


def methods() -> dict[str, Locate]:
    """Return what is compared, by name."""
    found: dict[str, Locate] = {
        "Andon, errors alone": andon,
        "Andon, messages known": andon_with_traffic,
        "the whole series": whole_series,
        "difference of means": difference,
        "cumulative sum": cumulative,
    }
    if importlib.util.find_spec("ruptures"):
        found["ruptures Binseg"] = ruptures
    return found


def measure(locate: Locate, days: Sequence[Series]) -> tuple[float, float]:
    """Return the share located within two minutes, and the milliseconds of processor time that takes.

    The median over some of the series of the fastest of several calls: what a neighbour on the machine takes
    away is no property of the method.
    """
    near = sum(abs(locate(day.counts, day.messages) - day.at) <= NEAR for day in days)
    repeats = 1 if locate is ruptures else REPEATS
    taken = [min(_milliseconds(locate, day) for _ in range(repeats)) for day in days[:FEW]]
    return near / len(days), statistics.median(taken)


def _milliseconds(locate: Locate, day: Series) -> float:
    begun = time.process_time()
    locate(day.counts, day.messages)
    return (time.process_time() - begun) * 1000


def main() -> int:
    """Print the table; with --check, fail when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=400)
    target = f"share below {TARGET_SHARE} at a five-fold step, or {TARGET_MS:g} ms or more"
    parser.add_argument("--check", action="store_true", help=f"exit 1 for a {target}")
    arguments = parser.parse_args()
    head = "".join(f"{noise + f' x{times}':>18}" for noise in NOISE for times in STEPS)
    python = sys.version.split()[0]
    print(f"Python {python}, {arguments.seeds} series each; share located within {NEAR} minutes\n")
    print(f"{'':24}{head}{'ms':>8}")
    shares: dict[tuple[str, str, int], float] = {}
    slowest: dict[str, float] = {}
    for name, locate in methods().items():
        cells = ""
        for noise, variance in NOISE.items():
            for times in STEPS:
                seeds = min(arguments.seeds, FEW) if locate is ruptures else arguments.seeds
                share, ms = measure(locate, [series(seed, times, variance) for seed in range(seeds)])
                shares[name, noise, times] = share
                slowest[name] = max(slowest.get(name, 0.0), ms)
                cells += f"{share:18.3f}"
        print(f"{name:24}{cells}{slowest[name]:8.2f}", flush=True)
    worst = min(shares["Andon, errors alone", noise, 5] for noise in ("Poisson", "2 x variance"))
    slow = max(slowest["Andon, errors alone"], slowest["Andon, messages known"])
    kept = worst >= TARGET_SHARE and slow < TARGET_MS
    print(f"\nfive-fold step {worst:.3f} (target {TARGET_SHARE}), slowest {slow:.2f} ms (target below 1):")
    print("kept" if kept else "MISSED")
    return 1 if arguments.check and not kept else 0


if __name__ == "__main__":
    sys.exit(main())
