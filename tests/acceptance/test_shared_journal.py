"""Two people share a journal on PostgreSQL, both at once, and the server goes away in the middle."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.acceptance.shop import PATIENCE, Shop, checked, explains, open_shop, wait_for
from tests.acceptance.test_at_once import PEOPLE, all_at_once
from tests.acceptance.test_ctrl_c import SLOW_PROBE
from tests.acceptance.test_whole_way import learn
from tests.postgres import SOCKET_NAME


class Server:
    """A PostgreSQL behind a link of ours, so that it can go away and come back."""

    def __init__(self, url: str, place: Path) -> None:
        (real,) = parse_qs(urlsplit(url).query)["host"]
        self._socket = Path(real) / SOCKET_NAME
        self._link = place / SOCKET_NAME
        self._direct = url
        self.url = url.replace(real, str(place))
        self.comes_back()

    def comes_back(self) -> None:
        self._link.symlink_to(self._socket)

    def goes_away(self) -> None:
        """Refuse new connections and cut the ones that are there."""
        self._link.unlink()
        with psycopg.connect(self._direct, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )


@pytest.fixture
def server(empty_postgres_url: str, tmp_path: Path) -> Server:
    if "host" not in parse_qs(urlsplit(empty_postgres_url).query):
        pytest.skip("needs a server on a socket")
    place = tmp_path / "pg"
    place.mkdir()
    return Server(empty_postgres_url, place)


@pytest.fixture
def shared(server: Server, tmp_path: Path) -> Iterator[Shop]:
    """A shop whose journal is on the server."""
    with open_shop(tmp_path) as shop:
        shop.environment["ANDON_JOURNAL"] = server.url
        yield shop


def test_the_whole_way(shared: Shop) -> None:
    shared.break_it()
    assert (
        shared.json("declare", "checkout answers 500", "-s", "P0", ANDON_ACTOR="mina")["incident"] == "INC-1"
    )
    assert shared.json("ack", ANDON_ACTOR="ben")["owner"] == "ben"
    shared.andon("assess", ANDON_ACTOR="ben")
    shared.andon("decide", "rollback", "--reason", "ben is alone", "--yes", ANDON_ACTOR="ben")
    shared.andon("rollback", "--yes", "--watch", "10", ANDON_ACTOR="ben")
    shared.andon("mitigate")
    shared.andon("resolve", "--cause", "a price is missing")
    learn(shared)
    assert shared.json("close")["status"] == "closed"
    assert shared.json("audit")["whole"]
    kept = [path.name for path in (shared.home / "data" / "andon").iterdir()]
    assert kept == ["operations"], "beside it is only what tells a deployment of this machine from others"


def test_many_at_once(shared: Shop) -> None:
    declared = all_at_once(shared, "declare", "broken #", "--no-capture")
    assert len({done.stdout.partition('"incident": ')[2][:8] for done in declared}) == PEOPLE
    all_at_once(shared, "note", "seen by #", "--incident", "INC-3")
    texts = shared.texts("INC-3")
    assert {f"note: seen by {n}" for n in range(PEOPLE)} <= set(texts)
    acked = all_at_once(shared, "ack", "INC-3", codes=(0, 1))
    assert sorted(done.returncode for done in acked) == [0] + [1] * (PEOPLE - 1)
    assert shared.json("audit")["whole"]


def test_a_server_that_goes_away(shared: Shop, server: Server) -> None:
    shared.declare()
    shared.andon("ack")
    before = shared.texts()
    server.goes_away()
    for words in (
        ("status",),
        ("note", "hello"),
        ("declare", "more", "--no-capture"),
        ("audit",),
        ("board",),
    ):
        explains(shared.andon(*words, code=3))
        assert shared.json(*words, code=3)["error"]["kind"] == "Unavailable"
    shared.andon("doctor", code=(1, 3))
    server.comes_back()
    assert shared.texts() == before
    shared.andon("note", "hello again")
    assert shared.json("audit")["whole"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc")
def test_a_server_that_goes_away_during_a_declaration(shared: Shop, server: Server) -> None:
    pid, gone = shared.home / "pid", shared.home / "gone"
    probe = SLOW_PROBE.format(python=sys.executable, pid=pid)
    until_then = f"while not os.path.exists('{gone}'): time.sleep(0.01)"
    shared.configure(more=probe.replace("time.sleep(600)", until_then))
    process = shared.start("declare", "checkout answers 500", "-s", "P0")
    wait_for(lambda: pid.exists() and pid.read_text(), "the slow smoke test")
    server.goes_away()
    gone.touch()
    output, errors = process.communicate(timeout=PATIENCE)
    done = checked(("declare",), subprocess.CompletedProcess([], process.returncode, output, errors), 3)
    explains(done, "INC-1 is declared")
    server.comes_back()
    shared.configure()
    assert [incident["incident"] for incident in shared.json("status", "--all")["open"]] == ["INC-1"]
    shared.andon("assess")
    assert shared.json("audit")["whole"]


def test_a_password_is_never_shown(shop: Shop) -> None:
    secret = "".join(("pa", "ss", "w0rd", "x7"))
    for url in (f"postgresql://ben:{secret}@127.0.0.1:1/shop", f"postgresql://ben:{secret}@[bad/shop"):
        for words in (("status",), ("declare", "broken", "--no-capture"), ("doctor",)):
            done = shop.andon(*words, "--journal", url, code=(1, 2, 3))
            assert secret not in done.stdout + done.stderr
