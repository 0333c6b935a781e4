"""What every evidence store promises: the fake, SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from andon.errors import InvalidInput, NotFound
from andon.incident.words import EvidenceHash
from andon.journal.open import open_journal
from tests.fakes.journal import FakeEvidence, FakeRedactor

if TYPE_CHECKING:
    from andon.desk.ports_journal import EvidenceStore

Open = Callable[[], "EvidenceStore"]
LIMIT = 4000
SECRET = b"hunter2hunter2"


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Open one and the same store, as often as wanted; it keeps at most LIMIT bytes of a piece."""
    if request.param == "fake":
        fake = FakeEvidence(FakeRedactor(SECRET), LIMIT)
        yield lambda: fake
        return
    if request.param == "sqlite":
        place = str(tmp_path / "journal.db")
    else:
        place = request.getfixturevalue("empty_postgres_url")
    journals = []

    def reopen() -> EvidenceStore:
        journal, evidence = open_journal(place, FakeRedactor(SECRET), LIMIT)
        journals.append(journal)
        return evidence

    yield reopen
    for journal in journals:
        journal.close()


@pytest.fixture
def store(reopen: Open) -> EvidenceStore:
    """A new store."""
    return reopen()


def address(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


@pytest.mark.parametrize("content", [b"", b"text", b"\x00\xff\x80binary\r\n", "日本語 🧯".encode()])
def test_what_was_put_is_got_back_by_its_hash(reopen: Open, content: bytes) -> None:
    kept = reopen().put(content, "text/plain")
    assert kept.evidence == address(content)
    assert (kept.size, kept.original_size, kept.redactions) == (len(content), len(content), 0)
    blob = reopen().get(kept.evidence)
    assert (blob.evidence, blob.media_type, blob.content) == (kept.evidence, "text/plain", content)


def test_the_same_content_is_stored_once_under_its_first_type(reopen: Open) -> None:
    first = reopen().put(b"same", "text/plain")
    again = reopen().put(b"same", "application/json")
    assert again == first
    assert reopen().hashes() == (first.evidence,)


def test_hashes_are_listed_in_order(store: EvidenceStore) -> None:
    kept = [store.put(str(number).encode(), "text/plain").evidence for number in range(10)]
    assert store.hashes() == tuple(sorted(kept))


def test_what_is_not_there_is_not_found(store: EvidenceStore) -> None:
    assert store.hashes() == ()
    assert store.damaged() == ()
    with pytest.raises(NotFound):
        store.get(EvidenceHash(address(b"never stored")))
    with pytest.raises(NotFound):
        store.get(EvidenceHash("' OR 1=1 --"))


def test_secrets_are_replaced_before_the_hash_is_made(store: EvidenceStore) -> None:
    content = b"login with " + SECRET + b" and " + SECRET
    kept = store.put(content, "text/plain")
    stored = store.get(kept.evidence).content
    assert SECRET not in stored
    assert kept.evidence == address(stored)
    assert (kept.redactions, kept.original_size, kept.size) == (2, len(content), len(stored))


def test_too_much_is_cut_in_the_middle_visibly(store: EvidenceStore) -> None:
    lines = [b"line %05d" % number for number in range(2000)]
    content = b"\n".join(lines) + b"\n"
    kept = store.put(content, "text/plain")
    stored = store.get(kept.evidence).content
    assert kept.size == len(stored) <= LIMIT
    assert kept.original_size == len(content)
    assert kept.evidence == address(stored)
    head, rest = stored.split(b"\n[andon: ")
    count, tail = rest.split(b" bytes left out here]\n")
    assert content.startswith(head)
    assert content.endswith(tail)
    assert len(head) + int(count) + len(tail) == len(content)
    assert head.endswith(b"\n")
    assert tail.startswith(b"line ")
    assert min(len(head), len(tail)) > LIMIT // 4


def test_too_much_without_line_breaks_is_cut_too(store: EvidenceStore) -> None:
    content = bytes(range(1, 10)) * 1000
    stored = store.get(store.put(content, "application/octet-stream").evidence).content
    head, rest = stored.split(b"\n[andon: ")
    count, tail = rest.split(b" bytes left out here]\n")
    assert len(stored) <= LIMIT
    assert len(head) + int(count) + len(tail) == len(content)
    assert content == head + content[len(head) : len(content) - len(tail)] + tail


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT])
def test_up_to_the_limit_nothing_is_cut(store: EvidenceStore, size: int) -> None:
    content = b"x" * size
    assert store.get(store.put(content, "text/plain").evidence).content == content


def test_a_secret_across_the_cut_is_replaced_before_cutting(store: EvidenceStore) -> None:
    for shift in range(0, 40, 3):
        content = b"a" * (LIMIT // 2 - shift) + SECRET + b"b" * LIMIT
        stored = store.get(store.put(content, "text/plain").evidence).content
        assert not any(SECRET[:length] in stored for length in range(6, len(SECRET)))


@pytest.mark.parametrize(
    "media_type", ["", "text", "text/", "/plain", "text/pl\nain", "text/\x1b", "t" * 300 + "/x"]
)
def test_what_is_no_media_type_is_refused(store: EvidenceStore, media_type: str) -> None:
    with pytest.raises(InvalidInput):
        store.put(b"content", media_type)
    assert store.hashes() == ()


def test_several_threads_may_share_one_store(store: EvidenceStore) -> None:
    def put(number: int) -> None:
        for turn in range(10):
            store.put(b"%d %d" % (number, turn % 5), "text/plain")

    threads = [threading.Thread(target=put, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.hashes()) == 20
    assert store.damaged() == ()
