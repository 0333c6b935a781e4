"""The pairs of the gap benchmark: complete, of every kind, and different in all five dimensions."""

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from dotenv import dotenv_values

from andon.config.read import read_config
from bench.gapbench.ground import HERE, Pair, load
from bench.gapbench.judge import GAPS
from bench.gapbench.run import FLAGS
from bench.gapbench.stand_ins import recorded

PAIRS = load([])


def test_there_are_enough_of_every_kind() -> None:
    answers = Counter(pair.truth["answer"] for pair in PAIRS)
    assert all(answers[kind] >= 5 for kind in GAPS[:5])
    assert answers["interaction"] >= 2
    assert sum(not pair.is_gap for pair in PAIRS) >= 8
    assert sum(pair.has_browser for pair in PAIRS) >= 10
    assert sum(pair.is_postgres for pair in PAIRS) >= 6


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_truth_is_complete(pair: Pair) -> None:
    truth = pair.truth
    assert set(truth["failure"]) <= set(FLAGS)
    assert {"status", "text", "absent", "slower_than"} & set(truth["failure"])
    assert pair.is_gap == (truth["answer"] in GAPS)
    assert truth["modelled_on"]["name"]
    assert not pair.is_gap or truth["modelled_on"]["link"].startswith(("https://", "http://"))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_configuration_is_one_that_andon_reads(pair: Pair) -> None:
    file = pair.path / "andon.toml"
    read = read_config(file.read_bytes(), path=str(file), root=str(pair.path), default_service="")
    assert read.gap.is_configured


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_worlds_differ_in_all_five_dimensions(pair: Pair) -> None:
    test, prod = pair.config["gap"]["test"], pair.config["gap"]["prod"]
    settings = [dotenv_values(pair.path / f"{world}.env") for world in ("test", "prod")]
    differing = {key for key in {*settings[0], *settings[1]} if settings[0].get(key) != settings[1].get(key)}
    assert len(differing - {"DATABASE_URL", test["dependency"][0]["variable"]}) >= 3
    assert recorded(pair.path / test["dependency"][0]["recording"]) != recorded(
        pair.path / prod["dependency"][0]["recording"]
    )
    assert prod["users"] > test.get("users", 1)
    assert prod["network"] != test.get("network", "none")


@pytest.mark.parametrize(
    "pair", [one for one in PAIRS if not one.is_postgres][::4], ids=lambda pair: pair.name
)
def test_production_has_more_rows_and_other_values(pair: Pair, tmp_path: Path) -> None:
    counted = {}
    for world in ("test", "prod"):
        database = tmp_path / f"{world}.db"
        path = f"import sys; sys.path[:0] = [{json.dumps(str(HERE))}, {json.dumps(str(pair.path))}]"
        program = f"{path}; sys.argv[1:] = ['sqlite:{database}', '{world}']; import runpy"
        command = [sys.executable, "-c", f"{program}; runpy.run_module('kit.seeded', run_name='__main__')"]
        subprocess.run(command, check=True)
        with sqlite3.connect(database) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            counted[world] = {
                table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
                for (table,) in tables
            }
        connection.close()
    assert counted["test"].keys() == counted["prod"].keys()
    assert sum(counted["prod"].values()) > 5 * sum(counted["test"].values())
