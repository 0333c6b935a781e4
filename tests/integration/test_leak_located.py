"""A leaked value is found wherever git keeps something, and what could not be read is said."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import shutil
from pathlib import Path

import pytest

from andon.desk.leak import report
from andon.desk.leak.locate import locate
from andon.desk.leak.located import Located
from andon.incident.words import Verdict
from andon.production import git_objects
from andon.secrets.leak.credential import Credential
from tests.fakes.desk import FakeDesk
from tests.leaked import commit, everywhere, git, repository, token

SECRET = token(7)


def credential(value: str = SECRET, **more: str) -> Credential:
    mark = hashlib.sha256(value.encode()).hexdigest()[:6]
    return Credential(mark=mark, kind="github-token", value=value.encode(), **more)


def search(place: Path, *values: str) -> Located:
    desk = FakeDesk(place)
    found = locate(desk, [credential(value) for value in values or (SECRET,)], lambda _: None)
    kept = b"".join(desk.evidence.get(hash_).content for hash_ in desk.evidence.hashes())
    for value in values or (SECRET,):
        assert value.encode() not in kept
        assert value not in repr(found)
        assert value not in repr(found.event)
    return found


def places(found: Located) -> set[tuple[str, str, str]]:
    """Kind, encoding and path or name of every place."""
    return {
        (p.kind, p.encoding, path)
        for p in found.places
        for path in p.paths or ("" if p.kind in ("commit", "tag") else p.name,)
    }


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return everywhere(tmp_path_factory.mktemp("leak") / "shop", SECRET)


@pytest.fixture(scope="module")
def found(shop: Path) -> Located:
    return search(shop)


def test_every_place_is_found_with_its_encoding_and_path(found: Located) -> None:
    hidden = f"[redacted:github-token:{credential().mark}]"
    assert places(found) >= {
        ("blob", "plain", "old.env"),
        ("blob", "plain", "head.py"),
        ("blob", "utf-16", "wide.txt"),
        ("blob", "base64", "basic.http"),
        ("blob", "gzip", "packed.gz"),
        ("blob", "zip in zip", "packed.zip"),
        ("blob", "hex", "dump.hex"),
        ("blob", "percent-encoded", "url.txt"),
        ("blob", "plain", "link"),
        ("blob", "plain", "pull.txt"),
        ("blob", "plain", "was.txt"),
        ("blob", "plain", "replaced.txt"),
        ("blob", "plain", "merged.txt"),
        ("blob", "plain", "amended.txt"),
        ("commit", "plain", ""),
        ("tag", "plain", ""),
        ("file-name", "plain", f"backup-{hidden}"),
        ("ref-name", "plain", f"refs/heads/try-{hidden}"),
        ("reflog", "plain", "logs/refs/heads/moved"),
        ("git-file", "plain", "config"),
        ("git-file", "plain", "MERGE_MSG"),
        ("lfs", "plain", "lfs/objects/ab/cd/abcd" + "0" * 60),
        ("index", "plain", "staged.txt"),
        ("work-tree", "plain", "untracked.txt"),
        ("work-tree", "plain", "staged.txt"),
    }
    assert {p.encoding for p in found.places if p.kind == "note"} == {"plain"}
    assert found.verdict is Verdict.PASSED, found.incomplete
    assert found.event.in_head


def test_who_brought_it_and_when_is_told(shop: Path, found: Located) -> None:
    (old,) = [p for p in found.places if p.paths == ("old.env",)]
    assert old.author == "Bob <bob@example.com>"
    assert git(shop, "log", "-1", "--format=%s", old.commit) == "Old"
    assert old.at is not None
    (merged,) = [p for p in found.places if p.paths == ("merged.txt",) and p.kind == "blob"]
    assert git(shop, "log", "-1", "--format=%s", merged.commit) == "Merge side"


def test_what_nothing_reaches_is_told_apart(found: Located) -> None:
    gone = [p for p in found.places if p.paths == ("amended.txt",)]
    assert [p.is_reachable for p in gone] == [False]
    dangling = [p for p in found.places if p.kind == "blob" and not p.paths]
    assert [(p.commit, p.is_reachable) for p in dangling] == [("", False)]
    assert all(p.is_reachable for p in found.places if p.paths in (("pull.txt",), ("was.txt",)))


def test_the_search_changes_nothing(shop: Path) -> None:
    def state() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in sorted(shop.rglob("*")) if p.is_file() and not p.is_symlink()}

    before = state()
    search(shop)
    assert state() == before


def test_a_clean_repository_has_no_place(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    commit(shop, "a.txt", token(8))
    found = search(shop)
    assert (found.places, found.verdict, found.event.in_head) == ((), Verdict.PASSED, False)
    assert found.event.objects == 6


def test_every_packed_and_borrowed_object_is_read(shop: Path, tmp_path: Path) -> None:
    whole = places(search(shop))
    packed = tmp_path / "packed"
    shutil.copytree(shop, packed, symlinks=True)
    git(packed, "repack", "-q", "-a", "-d", "--keep-unreachable")
    git(packed, "pack-refs", "--all")
    assert {p for p in whole if p[0] != "ref-name"} <= places(search(packed))
    borrowing = tmp_path / "borrowing"
    git(tmp_path, "clone", "-q", "--shared", "--no-checkout", str(shop), str(borrowing))
    found = search(borrowing)
    assert ("blob", "plain", "old.env") in places(found)
    assert any("were read too" in note for note in found.notes)


def test_a_bare_mirror_is_searched(shop: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror.git"
    git(tmp_path, "clone", "-q", "--mirror", "--no-local", str(shop), str(mirror))
    found = search(mirror)
    kinds = {p.kind for p in found.places}
    assert {"blob", "commit", "tag", "note", "file-name", "ref-name"} <= kinds
    assert not kinds & {"index", "work-tree", "reflog", "lfs"}
    assert not [p for p in found.places if p.paths == ("amended.txt",)]


def test_a_shallow_clone_is_not_the_whole_truth(shop: Path, tmp_path: Path) -> None:
    place = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=3", f"file://{shop}", str(place))
    found = search(place)
    assert found.verdict is Verdict.UNKNOWN
    assert "git fetch --unshallow" in found.event.summary
    assert ("blob", "plain", "head.py") in places(found)


@pytest.mark.parametrize("kept", ["blob:none", "tree:0"])
def test_a_partial_clone_is_not_the_whole_truth_and_fetches_nothing(
    shop: Path, tmp_path: Path, kept: str
) -> None:
    git(shop, "config", "uploadpack.allowFilter", "true")
    place = tmp_path / "partial"
    git(tmp_path, "clone", "-q", f"--filter={kept}", "--no-checkout", f"file://{shop}", str(place))
    before = git(place, "count-objects", "-v")
    found = search(place)
    assert found.verdict is Verdict.UNKNOWN
    assert "left out of this clone" in found.event.summary
    assert git(place, "count-objects", "-v") == before


def test_a_repository_with_longer_ids_is_searched(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop", "--object-format=sha256")
    first = commit(shop, "a/b.txt", f"x {SECRET}")
    commit(shop, f"{SECRET}.txt", "x")
    found = search(shop)
    assert len(first) == 64
    (blob,) = [p for p in found.places if p.kind == "blob"]
    assert (blob.paths, blob.commit) == (("a/b.txt",), first)
    assert [p.paths[0] for p in found.places if p.kind == "file-name"] != []


def test_damaged_objects_are_named_and_the_others_read(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    commit(shop, "a.txt", f"a {SECRET}")
    commit(shop, "b.txt", f"b {SECRET}")
    commit(shop, "c.txt", "c")
    last = commit(shop, "d.txt", f"d {SECRET}")
    damaged = [git(shop, "rev-parse", name) for name in ("HEAD~2:b.txt", "HEAD~1^{tree}")]
    for name, content in zip(damaged, (b"no zlib at all", None), strict=True):
        file = shop / ".git" / "objects" / name[:2] / name[2:]
        file.chmod(0o600)
        file.write_bytes(content if content is not None else file.read_bytes()[:20])
    found = search(shop)
    assert found.verdict is Verdict.UNKNOWN
    for name in damaged:
        assert any(name[:12] in reason for reason in found.incomplete), found.incomplete
    assert {("blob", "plain", "a.txt")} <= places(found)
    assert any(p.kind == "blob" and p.name == git(shop, "rev-parse", f"{last}:d.txt") for p in found.places)


def test_a_missing_file_of_lfs_is_told(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    name = hashlib.sha256(b"x").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize 1\n"
    commit(shop, "large.bin", pointer)
    assert "git lfs fetch --all" in search(shop).event.summary
    stored = shop / ".git" / "lfs" / "objects" / name[:2] / name[2:4]
    stored.mkdir(parents=True)
    (stored / name).write_text("x")
    assert search(shop).verdict is Verdict.PASSED


def test_a_submodule_is_told_as_a_repository_of_its_own(tmp_path: Path) -> None:
    other = repository(tmp_path / "other")
    shop = repository(tmp_path / "shop")
    git(shop, "submodule", "-q", "add", str(other), "lib")
    git(shop, "commit", "-qm", "Library")
    found = search(shop)
    assert found.notes == ("the submodule lib is a repository of its own: search there as well",)
    assert found.verdict is Verdict.PASSED


def test_of_two_secrets_the_longer_has_the_place_where_both_are(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    inner, outer = SECRET, f"{token(9)}{SECRET}"
    commit(shop, "both.txt", f"a = {outer}")
    commit(shop, "inner.txt", f"b = {inner}")
    commit(shop, "beside.txt", f"{outer} {inner}")
    found = search(shop, inner, outer)
    by_path = {
        path: {p.mark for p in found.places if p.kind == "blob" and p.paths == (path,)}
        for path in ("both.txt", "inner.txt", "beside.txt")
    }
    one, two = credential(inner).mark, credential(outer).mark
    assert by_path == {"both.txt": {two}, "inner.txt": {one}, "beside.txt": {one, two}}


def test_an_ordinary_word_is_only_looked_for_beside_its_name(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    commit(shop, "words.txt", "the sunshine of the day\n")
    commit(shop, "set.env", "DB_PASSWORD=sunshine\n")
    commit(shop, "set.yaml", 'db_password: "sunshine"\n')
    desk = FakeDesk(shop)
    found = locate(desk, [credential("sunshine", variable="DB_PASSWORD")], lambda _: None)
    assert {p.paths for p in found.places if p.kind == "blob"} == {("set.env",), ("set.yaml",)}


def test_hostile_names_do_not_hide_it(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    names = (" lead", "new\nline.txt", ":colon", "--option", "tab\there", '"quoted"', "bytes-\udcff.txt")
    for name in names:
        commit(shop, name, f"{name!a} {SECRET}")
    found = search(shop)
    assert {p.paths[0] for p in found.places if p.kind == "blob"} == set(names)


def test_a_report_that_is_too_long_stays_whole(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_LARGEST", 6000)
    monkeypatch.setattr(report, "_LISTED", (1000, 3))
    desk = FakeDesk(shop)
    found = locate(desk, [credential()], lambda _: None)
    assert found.event.evidence is not None
    told = json.loads(desk.evidence.get(found.event.evidence).content)
    assert (told["places_found"], len(told["places"])) == (len(found.places), 3)


def test_a_huge_object_is_read_in_parts_that_overlap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = repository(tmp_path / "shop")
    for name, before in (("cut.log", 990), ("end.log", 4000), ("start.log", 0), ("exact.log", 2000)):
        commit(
            shop, name, b"x" * before + b" " + SECRET.encode() + b" " + name.encode() * (before != 4000) * 300
        )
    commit(shop, "huge.gz", gzip.compress((random.Random(1).randbytes(3000).hex() + SECRET).encode()))
    monkeypatch.setattr(git_objects, "WHOLE", 1500)
    monkeypatch.setattr(git_objects, "_PART", 1000)
    monkeypatch.setattr(git_objects, "OVERLAP", 300)
    found = search(shop)
    paths = {path for kind, _, path in places(found) if kind == "blob"}
    assert paths == {"cut.log", "end.log", "start.log", "exact.log"}
    assert found.event.objects == 3 * 6
    assert "too large to look into archives" in found.event.summary
