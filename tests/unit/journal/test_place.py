"""Where the journal of a service lies, whatever it is called, and what is told about a shared one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.journal.open import default_place, open_journal
from tests.fakes.journal import FakeRedactor


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", "/home/alice/.local/share/andon/shop/journal.db"),
        ("darwin", "/home/alice/Library/Application Support/andon/shop/journal.db"),
    ],
)
def test_it_lies_in_the_users_data_directory(
    platform: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert default_place("shop") == place


@pytest.mark.usefixtures("home")
def test_the_data_directory_can_be_given_but_only_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_place("shop") == "/data/andon/shop/journal.db"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/data")
    assert default_place("shop").startswith("/home/alice/")


@given(st.text())
def test_no_name_leads_elsewhere(service: str) -> None:
    place = default_place(service)
    directory, file = os.path.split(place)
    parent, name = os.path.split(directory)
    assert file == "journal.db"
    assert os.path.normpath(place) == place
    assert os.path.basename(parent) == "andon"
    assert 0 < len(name) <= 100
    assert not name.startswith((".", "-"))
    assert name.isascii()
    assert name.isprintable()


@pytest.mark.parametrize(
    ("service", "name"),
    [("../x", "x-"), ("..", "service-"), ("", "service-"), ("a/b", "a-b-"), ("s" * 300, "s")],
)
def test_hostile_names_become_plain_ones(service: str, name: str) -> None:
    assert default_place(service).split(os.sep)[-2].startswith(name)


def test_different_services_never_share_a_journal() -> None:
    names = [
        "shop",
        "a/b",
        "a-b",
        "a b",
        "../a",
        "a",
        ".a",
        "..",
        "",
        "s" * 300,
        "s" * 301,
        "\udcff",
        "é",
        "è",
    ]
    assert len({default_place(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://alice:s3cret@db.example:5433/andon", "postgresql://alice@db.example:5433/andon"),
        ("postgres://alice:s3cret@db.example/andon?sslmode=require", "postgresql://alice@db.example/andon"),
        ("postgresql://db.example/andon?user=bob&password=s3cret", "postgresql://bob@db.example/andon"),
        ("postgresql://alice:p%40s3cret@[::1]:5432/andon", "postgresql://alice@[::1]:5432/andon"),
        ("postgresql:///andon?host=/run/pg&password=s3cret", "postgresql:///andon?host=/run/pg"),
    ],
)
def test_the_place_of_a_shared_journal_never_shows_its_password(url: str, shown: str) -> None:
    journal, _ = open_journal(url, FakeRedactor())
    assert journal.place == shown


@pytest.mark.parametrize(
    "url",
    ["postgresql://a:s3cret@[/x", "postgresql://a:s3cret@h/x?nonsense=1", "postgresql://a:%zzs3cret@h/x"],
)
def test_what_is_no_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_journal(url, FakeRedactor())
    assert "s3cret" not in f"{refused.value}{refused.value.remedy}{refused.value.where}"


def test_opening_an_embedded_journal_imports_nothing_slow() -> None:
    program = """
import sys
before = set(sys.modules)
from andon.journal.open import open_journal
class Nothing:
    def redact(self, content): return content, 0
journal, evidence = open_journal(sys.argv[1], Nothing())
journal.heads()
print(sorted(m.partition(".")[0] for m in set(sys.modules) - before if "." not in m))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "/nonexistent/journal.db"], capture_output=True, text=True, check=True
    )
    assert "sqlite3" in done.stdout
    slow = {"typing", "dataclasses", "pathlib", "subprocess", "hashlib", "psycopg", "threading", "contextlib"}
    assert not [name for name in slow if f"'{name}'" in done.stdout], done.stdout
