"""Taking a leak in from a real repository: a finding, a file that leaked whole; where values are kept."""

from __future__ import annotations

import json
import os
import random
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from andon.cli.main import main
from andon.errors import Unavailable
from andon.production.leak_room import LeakRoomOnDisk
from andon.secrets.leak.credential import Credential
from tests.integration.gated import Gated


def word(seed: int, length: int = 36) -> str:
    """Return letters and digits that nobody has used."""
    chance = random.Random(seed)
    return "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(length))


def token(seed: int = 1) -> str:
    return "gh" + "p_" + word(seed)


class Leaky(Gated):
    """A repository in which a secret may be."""

    def leak(self, *words: str, code: int = 0) -> dict[str, Any]:
        """Give `andon leak` and return what it answers; no value is ever in it."""
        self._capsys.readouterr()
        found = main(["leak", *words, "--json"])
        out, err = self._capsys.readouterr()
        assert found == code, out + err
        assert not any(token(seed) in out + err for seed in range(5))
        return json.loads(out)  # type: ignore[no-any-return]

    def mark(self, value: str) -> str:
        with self.desk() as desk:
            return desk.redactor.mark(value.encode())

    @property
    def room(self) -> Path:
        return self.place / "data" / "andon" / "shop" / "leaks" / "INC-1"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Leaky:
    return Leaky(tmp_path, monkeypatch, capsys)


def test_a_staged_finding_by_its_mark(shop: Leaky) -> None:
    shop.commit("begin")
    shop.write("settings.py", f'TOKEN = "{token()}"\n')
    subprocess.run(["git", "add", "-A"], cwd=shop.root, check=True)
    found = shop.leak("start", "--finding", f"[redacted:github-token:{shop.mark(token())}]")
    (credential,) = found["credentials"]
    assert credential["seen_at"] == "settings.py:1 (staged)"
    assert credential["kind"] == "github-token"


def test_a_finding_that_was_taken_out_again_long_ago(shop: Leaky) -> None:
    tainted = shop.commit("oops", **{"settings.py": f'A = 1\nTOKEN = "{token()}"\n'})
    shop.commit("out again", **{"settings.py": "A = 1\n"})
    shop.commit("go on", **{"b.py": "B = 2\n"})
    found = shop.leak("start", "--finding", shop.mark(token()))
    assert found["credentials"][0]["seen_at"] == f"settings.py:2 in {tainted[:10]}"


def test_what_stands_on_another_branch_only(shop: Leaky) -> None:
    shop.commit("begin")
    subprocess.run(["git", "checkout", "-q", "-b", "side"], cwd=shop.root, check=True)
    tainted = shop.commit("oops", **{".env.prod": f"TOKEN={token()}\n"})
    subprocess.run(["git", "checkout", "-q", "-"], cwd=shop.root, check=True)
    found = shop.leak("start", "--path", ".env.prod")
    assert found["credentials"][0]["seen_at"] == f".env.prod:1 in {tainted[:10]}"
    assert shop.leak("start", "--finding", shop.mark(token()))["known"]


def test_a_mark_that_nothing_has(shop: Leaky) -> None:
    shop.commit("begin")
    assert shop.leak("start", "--finding", "ffffff", code=2)["error"]["kind"] == "NotFound"
    assert not shop.room.exists()


def test_a_file_that_leaked_whole_brings_every_value_it_ever_had(shop: Leaky) -> None:
    for seed in (1, 2, 1):
        shop.commit(f"take {seed}", **{".env.prod": f"TOKEN={token(seed)}\nMODE=live\n"})
    (shop.root / ".env.prod").unlink()
    shop.commit("gone")
    found = shop.leak("start", "--path", ".env.prod")
    assert {c["mark"] for c in found["credentials"]} == {shop.mark(token(1)), shop.mark(token(2))}
    with shop.desk() as desk:
        (reported,) = [r.event for r in desk.history("INC-1") if type(r.event).__name__ == "LeakReported"]
    assert reported.paths == (".env.prod",)


@pytest.mark.parametrize("path", ["nowhere.env", "../etc/passwd", "-x", "a\nb"])
def test_a_path_that_was_never_there(shop: Leaky, path: str) -> None:
    shop.commit("begin")
    assert shop.leak("start", "--path=" + path, code=2)["error"]["rule"] == "leak-start"


def test_in_an_empty_repository(shop: Leaky) -> None:
    assert shop.leak("start", "--finding", "ffffff", code=2)["error"]["kind"] == "NotFound"


# ---- where the values are


def test_the_value_is_in_one_private_file_and_nowhere_else(shop: Leaky) -> None:
    shop.commit("oops", **{".env.prod": f"TOKEN={token()}\n"})
    shop.leak("start", "--path", ".env.prod")
    assert shop.room.stat().st_mode & 0o777 == 0o700
    (file,) = shop.room.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    journal = shop.room.parent.parent
    assert not any(token().encode() in p.read_bytes() for p in journal.iterdir() if p.is_file())


def test_what_is_recorded_later_does_not_hold_it_either(shop: Leaky) -> None:
    odd = "correct-horse-" + word(7, 12).lower()
    shop.commit("oops", **{".env.prod": f"DB_PASSWORD={odd}\n"})
    shop.leak("start", "--path", ".env.prod")
    main(["note", f"it was {odd} all along"])
    main(["leak", "rotate", shop.mark(odd), "--reason", f"changed {odd} at the provider"])
    with shop.desk() as desk:
        assert odd not in repr(desk.history("INC-1"))


def test_with_a_journal_in_the_repository_the_room_is_outside_of_it(
    shop: Leaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.commit("oops", **{".env.prod": f"TOKEN={token()}\n"})
    monkeypatch.setenv("ANDON_JOURNAL", str(shop.root / "journal" / "journal.db"))
    shop.leak("start", "--path", ".env.prod")
    assert not list(shop.root.rglob("values.json"))
    assert (shop.room / "values.json").is_file()


def test_more_of_the_same_is_kept_beside_it(tmp_path: Path) -> None:
    room = LeakRoomOnDisk(str(tmp_path / "leaks"))
    one, two = (Credential(mark=m, kind="token", value=token(n).encode()) for n, m in enumerate("ab"))
    room.keep("INC-1", (one,))
    room.keep("INC-1", (two, one))
    assert room.credentials("INC-1") == (one, two)
    assert room.credentials("INC-2") == ()
    assert set(room.values()) == {one.value, two.value}
    assert room.forget("INC-1")
    assert room.credentials("INC-1") == ()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[{}]", b'[{"mark": 1}]', b"\xff", b'[{"mark":"a","kind":"b","value":"*"}]']
)
def test_a_damaged_file_says_so_without_its_content(tmp_path: Path, content: bytes) -> None:
    room = LeakRoomOnDisk(str(tmp_path / "leaks"))
    (Path(room.place("INC-1")) / "values.json").write_bytes(content)
    with pytest.raises(Unavailable) as caught:
        room.credentials("INC-1")
    assert content.decode("latin-1") not in str(caught.value) or not content


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "leaks").mkdir(mode=0o500)
    with pytest.raises(Unavailable):
        LeakRoomOnDisk(str(tmp_path / "leaks")).place("INC-1")


def test_no_value_is_in_the_arguments_or_the_environment_of_anything_started(shop: Leaky) -> None:
    shop.commit("oops", **{".env.prod": f"TOKEN={token()}\n"})
    seen: list[str] = []
    is_watching = True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if is_watching and event in ("subprocess.Popen", "os.posix_spawn", "os.exec"):
            seen.append(repr(arguments))

    sys.addaudithook(watch)
    shop.leak("start", "--path", ".env.prod")
    shop.leak("locate")
    is_watching = False  # a hook of the interpreter is there to stay
    assert seen
    assert not any(token() in text for text in seen)
