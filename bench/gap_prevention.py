"""Whether what `andon gap prevent` writes is worth keeping: tests red and green, facts missed, then held.

Each pair of bench/gapbench: the search that `bench/gapbench.py --keep DIR` left (else one is made), then
`andon gap prevent --write`, and then, without Andon, the team's own runner on the emitted test: green in the
tests' world, red with the truth of the pair alone as in production. A test that brings the gap about itself
(users, a late answer) must be red in the tests' world, for its application has the fault, and green without
what it brings. One that is turned round must be green in the tests' world, and red where it asks what does
not fail. Then `andon gap parity` on the worlds as they were (1), and with that kind mended (0).

    python bench/gap_prevention.py --searches DIR [--only e1] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import yaml

from bench.gapbench.ground import BINARIES, Ground, Pair, ground, lacking, load, postgres_server
from bench.gapbench.run import command, green_run, said
from bench.gapbench.worlds import Choice, standing, truth_alone

Row = dict[str, Any]
#: What a test brings about itself, and the same without.
_BROUGHT = (
    (r"USERS, ROUNDS = \d+", "USERS, ROUNDS = 1"),
    (r"const users = \d+", "const users = 1"),
    (r"setTimeout\(done, [\d.]+\)", "setTimeout(done, 0)"),
    (r"latency: [\d.]+", "latency: 0"),
    (r'"latency": [\d.]+', '"latency": 0'),
    (r"(download|upload)Throughput(\"?): [\d.]+", r"\1Throughput\2: -1"),
)


def one(pair: Pair, postgres: str, options: argparse.Namespace) -> Row:
    """Return what came of one pair."""
    row: Row = {"pair": pair.name, "kind": pair.truth["answer"], "flavour": pair.config["gap"]["flavour"]}
    with ground(pair, postgres) as on:
        green_run(on, postgres)
        subprocess.run(["git", "init", "-q"], cwd=on.root, env=on.environment, check=True)
        (on.root / ".home").mkdir()
        search = _search(on, options)
        row["verdict"] = " ".join([search["verdict"]["answer"], *search["verdict"]["place"]])
        (on.root.parent / f"{on.root.name}.json").write_text(json.dumps(search), "utf-8")
        try:
            code, out = _andon(on, options, "prevent", "--write", f"--search=../{on.root.name}.json")
        finally:
            (on.root.parent / f"{on.root.name}.json").unlink()
        if not out:
            return {**row, "not_made": [f"exit {code}"]}
        row |= {"exit": code, "not_made": out["not_made"], "missed": out["missed"], "why": out["why"]}
        row |= {"catch": out["catch"], "semantics": out["semantics"], "proposals": out["proposals"]}
        for made in out["made"]:
            if made["what"] == "turned-test":
                row |= {"turned": made["path"]} | _shown_turned(on, made, postgres)
            elif made["what"] == "test":
                row |= {"test": made["path"], "proof": made["proof"], "text": made["text"]}
                row |= _shown(on, made, postgres)
            elif made["what"] == "monitoring":
                row["rule"] = made["text"]
                row["rule_parses"] = _is_rule((on.root / made["path"]).read_text("utf-8"))
            elif made["what"] == "parity":
                row["facts"] = made["text"]
        if (on.root / ".andon-gap-parity.toml").exists():
            row["parity_before"], told = _andon(on, options, "parity")
            row["parity_told"] = [f"{f['told']} -> {f['remedy']}" for f in told.get("facts", [])]
            _mend(on, search)
            row["parity_after"], told = _andon(on, options, "parity")
            row["parity_told"] += [f["told"] for f in told.get("facts", [])]
    return row


def _search(on: Ground, options: argparse.Namespace) -> Any:
    kept = options.searches and options.searches / f"{on.pair.name}.replay.json"
    if kept and kept.exists():
        return json.loads(kept.read_text("utf-8"))
    out, err = said(command(on.pair, "replay", options.andon), on, {"HOME": str(on.root / ".home")})
    try:
        found = json.loads(out)
    except ValueError:
        raise SystemExit(f"{on.pair.name}: no search: {err[-500:]}") from None
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(out, "utf-8")
    return found


def _andon(on: Ground, options: argparse.Namespace, *words: str) -> tuple[int, Any]:
    ran = subprocess.run(
        [options.andon, "gap", *words, "--json"],
        cwd=on.root,
        env={**on.environment, "HOME": str(on.root / ".home"), "ANDON_ACTOR": "ann"},
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )
    if ran.returncode not in (0, 1, 3):
        print(f"    {' '.join(words)}: {ran.stderr.strip()[-400:]}")
        return ran.returncode, {}
    return ran.returncode, json.loads(ran.stdout)


# ---- the emitted test, by the team's own runner


def _shown(on: Ground, made: Row, postgres: str) -> Row:
    path = on.root / made["path"]
    if "what it brings about" in made["proof"] or "this input" in made["proof"]:
        text = path.read_text("utf-8")
        alone = text.replace(*_inputs(on)) if "this input" in made["proof"] else text
        for brought, without in _BROUGHT:
            alone = re.sub(brought, without, alone)
        with standing(on, Choice(), postgres) as app:
            red, account = _run(on, path, app.url)
        path.write_text(alone, "utf-8")
        with standing(on, Choice(), postgres) as app:
            green, other = _run(on, path, app.url)
        path.write_text(text, "utf-8")
    else:
        with standing(on, truth_alone(on.pair, "test"), postgres) as app:
            red, account = _run(on, path, app.url)
        with standing(on, Choice(), postgres) as app:
            green, other = _run(on, path, app.url)
    shown = {"red": red != 0, "green": green == 0}
    if green:
        shown["account"] = other[-1500:]
    elif not red:
        shown["account"] = account[-1500:]
    return shown


def _shown_turned(on: Ground, made: Row, postgres: str) -> Row:
    """Run a test turned round in the tests' world: green as it is, red where it asks what does not fail."""
    path = on.root / made["path"]
    text = path.read_text("utf-8")
    with standing(on, Choice(), postgres) as app:
        green, account = _run(on, path, app.url)
        path.write_text(text.replace(on.pair.truth["failure"]["path"], "/health"), "utf-8")
        red, other = _run(on, path, app.url)
    path.write_text(text, "utf-8")
    shown = {"turned_green": green == 0, "turned_red": red != 0}
    return shown if all(shown.values()) else {**shown, "account": (account if green else other)[-1500:]}


def _inputs(on: Ground) -> tuple[str, str]:
    """Return the path that failed, and one to the same endpoint that stands in the suite."""
    failed = on.pair.truth["failure"]["path"]
    asked = re.compile(re.escape(failed.partition("?")[0]) + r"\?[\w=&-]+")
    sent = [found[0] for file in (on.root / "tests").iterdir() if (found := asked.search(file.read_text()))]
    return failed, next(one for one in sent if one != failed)


def _run(on: Ground, path: Path, url: str) -> tuple[int, str]:
    """Run one file of tests as the team would; return its exit code and what it said."""
    name = str(path.relative_to(on.root))
    suite = on.pair.suite
    if suite[0] == "npx":
        words = [*suite, name, "--reporter=line"]
    elif suite[0] == "pytest":
        words = ["pytest", "-q", "-p", "no:cacheprovider", name]
    elif path.suffix == ".mjs":
        words = ["node", "--test", name]
    else:
        words = ["python3", name]
    ran = subprocess.run(
        words,
        cwd=on.root,
        env={**on.environment, "BASE_URL": url},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


# ---- the parity check and the rule


def _mend(on: Ground, search: Row) -> None:
    """Let the tests' world be as production's in the kinds that are to blame."""
    path = on.root / "andon.toml"
    text = path.read_text("utf-8")
    worlds = tomllib.loads(text)["gap"]
    kinds = search["verdict"]["kinds"]
    place = search["verdict"]["place"]
    head, _, production = text.partition("[gap.prod]")
    if "environment" in kinds:
        settings = worlds["prod"].get("env", "")
        head = head.replace(f'env = "{worlds["test"].get("env", "")}"', f'env = "{settings}"')
    if "data" in kinds or place[:1] == ["rows"]:
        head = head.replace(f'"{worlds["test"]["database"]}"', f'"{worlds["prod"]["database"]}"')
    if "dependency" in kinds:
        for mine, theirs in zip(worlds["test"]["dependency"], worlds["prod"]["dependency"], strict=True):
            head = head.replace(mine["recording"], theirs["recording"])
    if "scale" in kinds or "network" in kinds:
        table = "[gap.test]\n"
        for key in ("users", "network", "database_latency"):
            if key in worlds["prod"]:
                table += f"{key} = {json.dumps(worlds['prod'][key])}\n"
        head = head.replace("[gap.test]\n", table, 1)
        slow = iter(one.get("latency", 0) for one in worlds["prod"].get("dependency", []))
        head = re.sub(r"(\[\[gap\.test\.dependency\]\]\n)", lambda m: f"{m[0]}latency = {next(slow)}\n", head)
    path.write_text(f"{head}[gap.prod]{production}", "utf-8")


def _is_rule(text: str) -> bool:
    try:
        (group,) = yaml.safe_load(text)["groups"]
        rules = list(group["rules"])
    except (yaml.YAMLError, ValueError, KeyError, TypeError):
        return False
    return all({"alert", "expr", "for", "labels", "annotations"} <= set(rule) for rule in rules)


# ---- the table


def line(row: Row) -> str:
    """Return a pair as a line of the table."""
    test = "emitted" if "test" in row else "turned" if "turned" in row else "-"
    of = "" if "test" in row else "turned_"
    red, green = (str(row.get(of + key, "-")).lower() for key in ("red", "green"))
    parity = f"{row.get('parity_before', '-')} {row.get('parity_after', '-')}"
    why = "; ".join(row.get("not_made", ()))[:160]
    first = f"{row['pair']:26} {row['kind']:12} {row['flavour']:11} {test:8} {red:6} {green:6} {parity:7}"
    return f"{first} {row.get('seconds', 0):4.0f} s  {why}"


def totals(rows: list[Row]) -> list[str]:
    """Return the counts for each kind and flavour."""
    told = [f"\n{'kind':12} {'flavour':11} {'pairs':>6} {'emitted':>8} {'red':>5} {'green':>6}"]
    groups = Counter((row["kind"], row["flavour"]) for row in rows)
    for (kind, flavour), count in sorted(groups.items()):
        own = [r for r in rows if (r["kind"], r["flavour"]) == (kind, flavour) and "test" in r]
        red, green = (sum(r[key] for r in own) for key in ("red", "green"))
        told.append(f"{kind:12} {flavour:11} {count:6} {len(own):8} {red:5} {green:6}")
    emitted = [row for row in rows if "test" in row]
    both = sum(row["red"] and row["green"] for row in emitted)
    facts = [row for row in rows if "parity_before" in row]
    before = sum(row["parity_before"] == 1 for row in facts)
    after = sum(row["parity_after"] == 0 for row in facts)
    rules = [row["rule_parses"] for row in rows if "rule_parses" in row]
    told.append(f"\n{both} of {len(emitted)} emitted tests shown red and green, of {len(rows)} pairs")
    turned = [row for row in rows if "turned" in row]
    right = sum(row["turned_green"] and row["turned_red"] for row in turned)
    told.append(f"turned round: {right} of {len(turned)} green while it fails, and red where it does not")
    told.append(f"parity: {before} of {len(facts)} fail on the world as it was, {after} hold once mended")
    told.append(f"rules: {sum(rules)} of {len(rules)} parse")
    return told


def main(argv: list[str] | None = None) -> int:
    """Try the pairs; 1 when an emitted test is not red and green."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="beginning of names")
    parser.add_argument("--searches", type=Path, metavar="DIR", help="what bench/gapbench.py --keep left")
    parser.add_argument("--stored", action="store_true", help="leave out pairs without a stored search")
    parser.add_argument("--json", metavar="FILE", help="all of it")
    parser.add_argument("--andon", default=str(BINARIES / "andon"), metavar="FILE", help="the command")
    options = parser.parse_args(argv)
    pairs = load(options.only)
    if options.stored:
        pairs = [p for p in pairs if (options.searches / f"{p.name}.replay.json").exists()]
    rows: list[Row] = []
    print(f"{'pair':26} {'kind':12} {'flavour':11} {'test':8} {'red':6} {'green':6} {'parity':7}", flush=True)
    with postgres_server(pairs) as postgres:
        for pair in pairs:
            if lacks := lacking(pair, postgres):
                print(f"{pair.name:26} not tried: no {lacks}")
                continue
            begun = time.monotonic()
            rows.append({**one(pair, postgres, options), "seconds": time.monotonic() - begun})
            print(line(rows[-1]), flush=True)
            if options.json:
                Path(options.json).write_text(json.dumps(rows, indent=1) + os.linesep, "utf-8")
    print("\n".join(totals(rows)))
    tried = [row for row in rows if "test" in row or "turned" in row]
    keys = [f"{of}{key}" for of in ("", "turned_") for key in ("red", "green")]
    return 1 if any(row.get(key) is False for row in tried for key in keys) else 0


if __name__ == "__main__":
    sys.exit(main())
