"""The environment of two worlds: what differs is flipped key by key in real processes, and read back."""

from __future__ import annotations

import json
import os
import urllib.request
from random import Random
from typing import TYPE_CHECKING

import pytest

from andon.config.model_gap import GapConfig, GapDependencyConfig
from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs
from andon.gaps.experiment import Part, Ran, Setting
from andon.gaps.failure import Failure
from andon.gaps.words import Kind
from tests.integration.gap.started import dimension, started, world, write_shop

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
FAILURE = Failure(path="/checkout", status=500, text="something broke")


def _part(key: str) -> Part:
    return Part(kind=Kind.ENVIRONMENT, place=(key,))


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def _worlds(root: Path, test: str, production: str) -> None:
    (root / ".env.test").write_text(test)
    (root / ".env.prod").write_text(production)


PROD = {"env": ".env.prod", "start": ()}


@pytest.mark.parametrize(
    ("test", "production", "answer", "before", "after"),
    [
        ("STORE=corner", "", "os.environ.get('STORE')", "corner", "None"),
        ("ON=true", 'ON="true "', "os.environ['ON'] == 'true'", "True", "False"),
        ("TZ=UTC", "TZ=Asia/Tokyo", "time.strftime('%z', time.localtime(0))", "+0000", "+0900"),
        ("LC_ALL=C.UTF-8", "LC_ALL=C", "os.environ['LC_ALL']", "C.UTF-8", "C"),
        ("STORE=a", "STORE=$HOME", "os.environ['STORE']", "a", "$HOME"),
    ],
)
def test_a_key_is_flipped_in_the_running_application_and_read_back(
    tmp_path: Path, test: str, production: str, answer: str, before: str, after: str
) -> None:
    _worlds(tmp_path, f"{test}\nSAME=1\n", f"{production}\nSAME=1\n")
    write_shop(tmp_path, answer=answer)
    ours = dimension(tmp_path, world(), world(**PROD))
    key = test.partition("=")[0]
    assert ours.parts() == (_part(key),)
    assert ours.cannot() == ""
    with started(tmp_path, world(), ours) as (app, _):
        assert _get(app.url + "/") == before
        unchanged = Ran(environment=app.environment())
    with started(tmp_path, world(), ours, ours.parts()) as (app, _):
        assert _get(app.url + "/") == after
        held = ours.took_hold(ours.parts(), Ran(environment=app.environment()))
    assert held is not None
    assert held.holds is True
    not_held = ours.took_hold(ours.parts(), unchanged)
    assert not_held is not None
    assert not_held.holds is False
    assert key in not_held.told


def test_a_flip_is_known_not_to_hold_when_something_else_sets_the_key(tmp_path: Path) -> None:
    _worlds(tmp_path, "STORE=a\n", "STORE=b\n")
    write_shop(tmp_path)
    test = world(start=("/bin/sh", "-c", "STORE=fixed exec python3 -IS shop.py"))
    ours = dimension(tmp_path, test, world(**PROD))
    with started(tmp_path, test, ours, ours.parts()) as (app, _):
        held = ours.took_hold(ours.parts(), Ran(environment=app.environment()))
    assert held is not None
    assert held.holds is False
    assert ours.took_hold((), Ran()) is None
    unknown = ours.took_hold(ours.parts(), Ran())
    assert unknown is not None
    assert unknown.holds is None
    assert unknown.told == "the variables of the running application cannot be read on this system"
    over = ours.took_hold(ours.parts(), Ran(ended="the application ended with exit code 3 during the run"))
    assert over is not None
    assert (over.holds, over.told) == (None, "the application ended with exit code 3 during the run")


def test_what_other_kinds_own_and_what_the_machine_sets_are_no_parts(tmp_path: Path) -> None:
    own = "PORT={0}\nDATABASE_URL=sqlite:{0}\nPAY_URL=http://localhost:{0}\nBASE_URL=http://localhost:{0}\n"
    _worlds(tmp_path, own.format(1) + "PATH=/bin\nA=1\n", own.format(2) + "PATH=/usr/bin\nHOSTNAME=x\nA=2\n")
    ours = dimension(
        tmp_path,
        world(database="sqlite:t.db"),
        world(**PROD),
        dependencies=(GapDependencyConfig(world="test", name="pay", variable="PAY_URL"),),
    )
    assert ours.parts() == (_part("A"),)
    seen = ours.observe(Beliefs(), FAILURE)
    assert {one.place[0]: one.weight for one in seen.differences if one.weight == 0} == {
        "PATH": 0,
        "HOSTNAME": 0,
    }


def test_an_address_of_production_is_never_given_to_the_experiment(tmp_path: Path) -> None:
    _worlds(tmp_path, "API_URL=http://localhost:1\nA=1\n", "API_URL=https://u:pw@api.example.com/\nA=2\n")
    write_shop(tmp_path)
    ours = dimension(tmp_path, world(), world(**PROD))
    assert ours.parts() == (_part("A"),)
    (told,) = ours.observe(Beliefs(), FAILURE).problems
    assert told == "API_URL is not flipped: it would lead the experiment to api.example.com"
    setting = Setting(str(tmp_path), {})
    with pytest.raises(Unavailable), ours.prepare(setting, (_part("API_URL"),)):
        pass
    with ours.prepare(setting, ours.parts()):
        assert setting.variables["API_URL"] == "http://localhost:1"


def test_nothing_but_an_address_differs(tmp_path: Path) -> None:
    _worlds(tmp_path, "API_URL=http://localhost:1\n", "API_URL=https://api.example.com/\n")
    ours = dimension(tmp_path, world(), world(**PROD))
    assert ours.parts() == ()
    assert "api.example.com" in ours.cannot()


def test_another_start_command_is_a_part(tmp_path: Path) -> None:
    _worlds(tmp_path, "A=1\n", "A=1\n")
    write_shop(tmp_path, answer="sys.argv[1:]")
    command = (*world().start, "--fast")
    ours = dimension(tmp_path, world(), world(env=".env.prod", start=command))
    assert ours.parts() == (_part("start command"),)
    with started(tmp_path, world(), ours, ours.parts()) as (app, _):
        assert _get(app.url + "/") == "['--fast']"
        held = ours.took_hold(ours.parts(), Ran(environment=app.environment()))
    assert held is not None
    assert held.holds is True


FILES = {
    "json": ('{"store": {"name": "a", "limit": 3}, "on": true}', '{"store": {"name": "a"}, "on": "true"}'),
    "yaml": ("store:\n  name: a\n  limit: 3\non_: true\n", 'store:\n  name: a\non_: "true"\n'),
    "toml": ("on = true\n[store]\nname = 'a'\nlimit = 3\n", "on = 'true'\n[store]\nname = 'a'\n"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_the_application_reads_is_mixed_by_dotted_keys(tmp_path: Path, kind: str) -> None:
    test, production = FILES[kind]
    (tmp_path / f"test.{kind}").write_text(test)
    (tmp_path / f"prod.{kind}").write_text(production)
    write_shop(tmp_path, answer="open(os.environ['CONFIG']).read()")
    both = [world(env=f"{name}.{kind}", set=(("CONFIG", f"{name}.{kind}"),)) for name in ("test", "prod")]
    ours = dimension(tmp_path, *both)
    keys = [part.place[0] for part in ours.parts()]
    assert sorted(keys) == sorted(["on_" if kind == "yaml" else "on", "store.limit"])
    with started(tmp_path, both[0], ours, (_part("store.limit"),)) as (app, _):
        read = _get(app.url + "/")
        held = ours.took_hold((_part("store.limit"),), Ran(environment=app.environment()))
    assert "limit" not in read
    assert "name" in read
    assert held is not None
    assert held.holds is True
    if kind == "json":
        assert json.loads(read) == {"store": {"name": "a"}, "on": True}
        with started(tmp_path, both[0], ours, ours.parts()) as (app, _):
            assert json.loads(_get(app.url + "/")) == json.loads(production)
    assert (tmp_path / f"test.{kind}").read_text() == test


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (".env.prod", "A=1\nthis is no setting\n", ".env.prod:2: is no NAME=value"),
        ("prod.json", '{"a": 1,\n"b" 2}', "prod.json:2: is no JSON"),
        ("prod.yaml", "a: 1\nb: [1\n", "prod.yaml:3: is no YAML"),
        ("prod.toml", "a = 1\nb = \n", "prod.toml:2: is no TOML"),
        ("prod.json", "[1]", "prod.json:1: a table of settings is wanted"),
        (".env.prod", "A=\udcff", ".env.prod:1: is not UTF-8"),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_nothing_is_flipped(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    _worlds(tmp_path, "A=1\n", "")
    (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    ours = dimension(tmp_path, world(), world(env=name, start=()))
    assert ours.parts() == ()
    assert told in ours.cannot()
    assert any(told in one for one in ours.observe(Beliefs(), FAILURE).problems)
    with pytest.raises(Unavailable, match="cannot be read"), ours.prepare(Setting(str(tmp_path), {}), ()):
        pass


def test_nothing_said_of_production(tmp_path: Path) -> None:
    _worlds(tmp_path, "A=1\n", "")
    ours = dimension(tmp_path, world(), world(env="", start=()))
    assert ours.parts() == ()
    assert "[gap.prod]" in ours.cannot()
    assert "[gap.prod]" in ours.observe(Beliefs(), FAILURE).problems[0]


def test_a_world_that_names_no_source_has_what_the_other_has_and_its_own_on_top(tmp_path: Path) -> None:
    _worlds(tmp_path, "A=1\nB=1\n", "")
    ours = dimension(tmp_path, world(), world(env="", start=(), set=(("B", "2"),)))
    assert ours.parts() == (_part("B"),)


def test_two_worlds_of_set_alone_are_wholly_known(tmp_path: Path) -> None:
    both = world(env="", set=(("A", "1"), ("B", "1"))), world(env="", start=(), set=(("A", "1"),))
    ours = dimension(tmp_path, *both)
    assert ours.parts() == (_part("B"),)
    with ours.prepare(setting := Setting(str(tmp_path), {}), ours.parts()):
        assert setting.variables == {"A": "1"}
        assert setting.absent == {"B"}


def test_the_source_says_which_keys_matter(tmp_path: Path) -> None:
    _worlds(tmp_path, "RATE=1\nLIMIT=1\nUNUSED=1\n", "")
    (tmp_path / "app.py").write_text(
        'def cart():\n    route("/cart")\n    return env["LIMIT"]\n\n\n'
        'def pay():\n    route("/checkout")\n    return env["RATE"]\n'
    )
    ours = dimension(tmp_path, world(), world(**PROD))
    weights = {one.place[0]: one.weight for one in ours.observe(Beliefs(), FAILURE).differences}
    assert weights == {"RATE": 4, "LIMIT": 2, "UNUSED": 1}


def test_twenty_planted_secrets_are_in_nothing_that_is_told(tmp_path: Path) -> None:
    chance = Random(3)
    made = ["".join(chance.choices("abcdefghkmnpqrstuvwxyz23456789", k=14)) for _ in range(20)]
    keys = [
        "API_TOKEN",
        "SHOP_NAME",
        "DB_PASSWORD",
        "SITE_URL",
        "X",
        "MAIL_USER",
        "JWT_SECRET",
        "NOTE",
        "A_B",
        "PIN",
    ]
    forms = ["{0}", "https://u:{0}@shop.example.com/", " {0} ", '"{0}\\n"', "{0}@example.com"]
    test = "".join(f"{key}={value}\n" for key, value in zip(keys, made[:10], strict=True))
    production = "".join(
        f"{key}={forms[number % 5].format(value)}\n"
        for number, (key, value) in enumerate(zip(keys, made[10:], strict=True))
    )
    _worlds(tmp_path, test, production)
    write_shop(tmp_path, answer="[print(k, v, flush=True) for k, v in os.environ.items()] and 1")
    ours = dimension(tmp_path, world(), world(**PROD), gap=GapConfig(url_variable="NONE"))
    failure = Failure(path="/checkout", status=500, text=f"KeyError {made[0]}")
    seen = ours.observe(Beliefs(), failure)
    told = [repr(seen), ours.cannot(), repr(ours.parts())]
    with started(tmp_path, world(), ours, ours.parts()) as (app, setting):
        _get(app.url + "/")
        told += [repr(ours.took_hold(ours.parts(), Ran(environment=app.environment()))), *setting.remarks]
        log = app.log_since()
    everything = "\n".join(told)
    assert seen.differences
    assert not [value for value in made if value in everything]
    # What the application itself prints under a key that names no secret is its own affair.
    assert not [value for key, value in zip(keys, made[10:], strict=True) if "TOKEN" in key and value in log]


def test_the_key_of_the_comparison_is_destroyed_with_the_search(tmp_path: Path) -> None:
    _worlds(tmp_path, "PIN=1\nSAME=2\n", "PIN=7\nSAME=2\n")
    ours, other = (dimension(tmp_path, world(), world(**PROD)) for _ in range(2))
    assert ours.parts() == other.parts() == (_part("PIN"),)
    assert ours._key != other._key and len(ours._key) == 32
    key = ours._key
    ours.forget()
    assert not any(key)
    assert ours.parts() == ()
    assert "destroyed" in ours.cannot()
    assert "PIN" not in repr(vars(ours))
