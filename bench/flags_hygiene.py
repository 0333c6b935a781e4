"""How fast a repository is searched for 2,000 flags, and whether what was planted in it is found.

CPU seconds of this process and its children, each way in turn, the best of the rounds: the search of `andon
flags lint` without and with what it remembers, its parts (reading the files, one pass over their bytes), and
three peers that only find texts: `git grep -F -f`, `rg -F -f` where it is installed, and one `re` of all keys
on a sample. Planted are files in three languages, half of them with a flag inside another's branch.

    git clone --depth 1 https://github.com/spring-projects/spring-boot
    ./dev bench flags_hygiene spring-boot
    ./dev bench flags_hygiene unleash --show --keys keys.txt    # every call it takes for a flag's, to look at
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from andon.config.model_production import FlagSystemConfig
from andon.desk.flags.scan import FlagScan, scan_flags
from andon.flags.hygiene.scanning import LARGEST, Scanner, why_skipped
from andon.flags.hygiene.sdk import CallNames
from andon.production.flag_sources import GitFlagSources

FLAGS = 2_000
PLANTED = 150
#: Files on which the slow peer is measured.
SAMPLE = 300
WORDS = [
    *("new", "old", "fast", "bulk", "early", "late", "second", "mobile", "guest", "saved", "weekly"),
    *("checkout", "basket", "pricing", "search", "refund", "invoice", "export", "login", "avatar"),
    *("banner", "digest", "coupon", "delivery", "stock", "loyal", "regional", "partial", "instant"),
]
PYTHON = """\
def total(user):
    if flags.boolean("{a}", False, user):
        return {b}
    return 0
"""
JAVA = """\
class Planted{n} {{
    int total() {{
        if (client.getBooleanValue("{a}", false)) {{
            return {b};
        }}
        return 0;
    }}
}}
"""
GO = """\
package planted

func total{n}() int {{
	if unleash.IsEnabled("{a}") {{
		return {b}
	}}
	return 0
}}
"""
FORMS = (
    ("py", PYTHON, 'flags.boolean("{b}", False, user)'),
    ("java", JAVA, 'client.getBooleanValue("{b}", false) ? 1 : 2'),
    ("go", GO, 'count(unleash.IsEnabled("{b}"))'),
)


def spent() -> float:
    """Return the CPU seconds of this process and of the children it has waited for."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the CPU seconds of the cheapest of some rounds."""
    found = []
    for _ in range(rounds):
        before = spent()
        work()
        found.append(spent() - before)
    return min(found)


def keys_made() -> list[str]:
    """Return the keys: three words each, the same every time."""
    chance = random.Random(6)
    found: dict[str, None] = {}
    while len(found) < FLAGS:
        found["-".join(chance.sample(WORDS, 3))] = None
    return list(found)


def plant(place: Path, keys: list[str]) -> tuple[int, int]:
    """Write files that ask for flags; return how many calls and how many nested ones there are."""
    folder = place / "planted"
    folder.mkdir()
    calls = nested = 0
    for n in range(PLANTED):
        ending, form, call = FORMS[n % len(FORMS)]
        a, b = keys[2 * n], keys[2 * n + 1]
        inner = call.format(b=b) if n % 2 else "1"
        (folder / f"Planted{n}.{ending}").write_text(form.format(n=n, a=a, b=inner))
        calls += 2 if n % 2 else 1
        nested += n % 2
    subprocess.run(["git", "-C", place, "add", "planted"], check=True)
    return calls, nested


def main() -> None:
    """Measure one repository and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("repository", help="a work tree; it is copied, not changed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--show", action="store_true", help="only list what is taken for a flag's")
    parser.add_argument("--keys", default="", help="a file with the keys that are defined, one a line")
    arguments = parser.parse_args()
    if arguments.show:
        defined = Path(arguments.keys).read_text().split() if arguments.keys else []
        show(arguments.repository, defined)
        return
    keys = keys_made()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / "tree"
        shutil.copytree(arguments.repository, place, symlinks=True)
        calls, nested = plant(place, keys)
        subprocess.run(["git", "-C", place, "status", "--short"], check=True, capture_output=True)
        measure(place, keys, calls, nested, arguments.rounds)


def show(repository: str, keys: list[str]) -> None:
    """Print every call that is taken for a flag's, and every nested one, with its line."""
    sources = GitFlagSources(repository)
    found = scan_flags(sources, sources.here(), keys, FlagSystemConfig(file="flags.json"))
    for path, scan in found.files.items():
        lines = Path(repository, path).read_text(errors="replace").split("\n")
        for one in scan.mentions:
            if one.call:
                print(f"{path}:{one.line}  {one.key or 'computed'}  {lines[one.line - 1].strip()[:100]}")
        for inside in scan.nested:
            print(f"{path}:{inside.line}  {inside.inner} inside of {inside.outer} ({inside.how})")
    print(f"{found.searched} files searched, {len(keys)} keys")


def measure(place: Path, keys: list[str], calls: int, nested: int, rounds: int) -> None:
    """Run every way on the tree and print how it did."""
    config = FlagSystemConfig(file="flags.json")
    sources = GitFlagSources(str(place))
    listed = [one for one in sources.here() if not why_skipped(one.path)]
    found: list[FlagScan] = []

    def search() -> None:
        found.append(scan_flags(sources, sources.here(), keys, config))

    def forget() -> None:
        for kept in (place / ".git" / "andon").glob("flag-scan-*"):
            kept.unlink()

    def cold() -> None:
        forget()
        search()

    contents = [(one.path, content) for one, content in sources.read(listed, LARGEST) if content is not None]
    size = sum(len(content) for _, content in contents)
    scanner = Scanner(keys, CallNames())
    file = place.parent / "keys"
    file.write_text("\n".join(keys) + "\n")
    grep = ["git", "-C", str(place), "grep", "-l", "-F", "-f", str(file)]
    quiet = {"capture_output": True, "check": False}
    seconds: dict[str, float] = {}
    seconds["andon, nothing remembered"] = best(cold, rounds)
    seconds["andon, everything remembered"] = best(search, rounds)
    seconds["  of it: listing"] = best(sources.here, rounds)
    seconds["  of it: reading"] = best(lambda: sum(1 for _ in sources.read(listed, LARGEST)), rounds)
    seconds["  of it: searching and parsing"] = best(
        lambda: [scanner.scan(path, content) for path, content in contents], rounds
    )
    seconds["git grep -l -F -f"] = best(lambda: subprocess.run(grep, **quiet), rounds)  # type: ignore[call-overload]
    if rg := shutil.which("rg"):
        seconds["rg -l -F -f"] = best(
            lambda: subprocess.run([rg, "-l", "-j1", "-F", "-f", str(file), str(place)], **quiet),  # type: ignore[call-overload]
            rounds,
        )
    pattern = re.compile(b"|".join(re.escape(key.encode()) for key in keys))
    sample = random.Random(1).sample(contents, min(SAMPLE, len(contents)))
    part = best(lambda: [pattern.search(content) for _, content in sample], 1)
    seconds[f"re, one pattern of all keys (from {len(sample)} files)"] = part * len(contents) / len(sample)
    print(f"{len(contents)} files, {size / 1e6:.0f} MB, {len(keys)} flags; load {os.getloadavg()[0]:.1f}")
    base = seconds["andon, nothing remembered"]
    print(f"{'way':52} {'CPU s':>8} {'files/s':>10} {'ratio':>7}")
    for way, took in seconds.items():
        print(f"{way:52} {took:8.2f} {len(contents) / took:10.0f} {took / base:7.2f}")
    last = found[-1]
    planted = [scan for path, scan in last.files.items() if path.startswith("planted/")]
    seen = sum(bool(one.call) for scan in planted for one in scan.mentions)
    inside = sum(len(scan.nested) for scan in planted)
    elsewhere = [p for p, s in last.files.items() if s.nested and not p.startswith("planted/")]
    print(
        f"planted: {seen} of {calls} calls, {inside} of {nested} nested ones; nested elsewhere: {elsewhere}"
    )
    asked = sum(
        bool(m.call) for p, s in last.files.items() if not p.startswith("planted/") for m in s.mentions
    )
    print(f"calls taken for a flag's in the rest of the tree: {asked}")
    if seen != calls or inside != nested:
        sys.exit("something planted was not found")


if __name__ == "__main__":
    main()
