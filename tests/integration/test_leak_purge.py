"""A purge of a secret that stands everywhere: nothing survives, nothing else is lost, the original stays."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.desk.leak.accounts import Proof, PurgeAccount, PurgeForecast
from andon.errors import Refused, Unavailable
from andon.production.history_work import GitHistories
from andon.secrets.leak.credential import Credential
from tests.integration.leaked import commit, git, jar, plant_everywhere, secret, start

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def quiet(_: str) -> None:
    """Take a line and say nothing."""


def everything_in(place: Path) -> dict[str, str]:
    """Return what every file below a place holds, by its path."""
    found = {}
    for directory, _, names in os.walk(place):
        for name in names:
            path = Path(directory, name)
            content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
            found[str(path.relative_to(place))] = hashlib.sha256(content).hexdigest()
    return found


class Chain:
    """One repository with a secret everywhere, backed up, purged and verified."""

    def __init__(self, place: Path) -> None:
        self.root, self.room = place / "shop", place / "room"
        self.leaked = secret()
        start(self.root)
        self.made = plant_everywhere(self.root, self.leaked)
        self.before = everything_in(self.root)
        self.work = GitHistories(str(self.root))
        self.forecast: PurgeForecast
        self.account: PurgeAccount
        self.proof: Proof

    def run(self) -> Chain:
        secrets = (self.leaked,)
        self.backup = self.work.back_up(str(self.room), secrets, NOW + timedelta(days=30), quiet)
        self.forecast, self.account = self.work.purge(str(self.room), secrets, (), (), quiet)
        self.proof = self.work.verify(str(self.room), secrets, (), quiet)
        return self

    @property
    def mirror(self) -> Path:
        return Path(self.account.mirror)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """One purge for all that only look at it."""
    yield Chain(tmp_path_factory.mktemp("chain")).run()


def test_nothing_survives_in_the_mirror_and_its_clones(chain: Chain) -> None:
    assert chain.proof.survivors == ()
    assert chain.proof.unread == ()
    assert chain.proof.damage == ""
    assert chain.proof.clones == 2


def test_no_file_of_the_mirror_has_the_value_in_any_byte(chain: Chain) -> None:
    for directory, _, names in os.walk(chain.mirror):
        for name in names:
            assert chain.leaked.value not in Path(directory, name).read_bytes()
    listed = git(chain.mirror, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
    for line in listed.splitlines():
        name, kind = line.split()
        if kind != "tree":
            assert chain.leaked.value.decode() not in git(chain.mirror, "cat-file", kind, name)
    assert chain.leaked.value.decode() not in git(chain.mirror, "for-each-ref")


def test_the_original_is_untouched_to_the_byte(chain: Chain) -> None:
    assert everything_in(chain.root) == chain.before


def test_what_was_before_the_leak_keeps_its_id(chain: Chain) -> None:
    assert git(chain.mirror, "cat-file", "-t", chain.made["clean"]) == "commit"
    assert git(chain.mirror, "rev-parse", "refs/tags/v0.1") == git(chain.root, "rev-parse", "refs/tags/v0.1")
    assert chain.made["first"] in chain.account.first_changed


def test_head_is_purged_like_everything_else(chain: Chain) -> None:
    shown = git(chain.mirror, "show", "HEAD:.env.production")
    assert shown == f"HOST=shop\nAPI_KEY=[removed:api-key:{chain.leaked.mark}]"


def test_files_without_the_secret_are_the_same_objects(chain: Chain) -> None:
    for name in ("README.md", "src/app.py", "logo.bin", "by.txt"):
        assert git(chain.mirror, "rev-parse", f"HEAD:{name}") == git(chain.root, "rev-parse", f"HEAD:{name}")
    counted = ("--no-replace-objects", "rev-list", "--count", "main")
    assert git(chain.mirror, *counted) == git(chain.root, *counted)


def test_an_archive_keeps_its_other_entries(chain: Chain) -> None:
    raw = subprocess.run(
        ["git", "cat-file", "blob", "HEAD:app.jar"], cwd=chain.mirror, capture_output=True, check=True
    ).stdout
    assert raw == jar(
        {
            "a.txt": b"kept",
            "lib.jar": jar({"b.properties": f"k=[removed:api-key:{chain.leaked.mark}]".encode()}),
        }
    )


def test_bytes_around_a_secret_in_a_binary_stay_where_they_were(chain: Chain) -> None:
    raw = subprocess.run(
        ["git", "cat-file", "blob", "HEAD:core.bin"], cwd=chain.mirror, capture_output=True, check=True
    ).stdout
    assert len(raw) == 3 + len(chain.leaked.value) + 27
    assert raw.startswith(b"\0\1\2[removed:")
    assert raw.endswith(b"\3\4\0" * 9)


def test_a_reference_named_after_the_secret_gets_another_name(chain: Chain) -> None:
    names = git(chain.mirror, "for-each-ref", "--format=%(refname)").splitlines()
    assert f"refs/heads/try-removed-api-key-{chain.leaked.mark}" in names
    assert f"refs/tags/v-removed-api-key-{chain.leaked.mark}" in names
    assert not [name for name in names if name.startswith(("refs/replace/", "refs/andon/"))]


def test_notes_follow_their_commits(chain: Chain) -> None:
    noted = git(chain.mirror, "notes", "list").split()[1]
    assert git(chain.mirror, "merge-base", "--is-ancestor", noted, "main") == ""
    assert git(chain.mirror, "notes", "show", noted) == f"deployed with [removed:api-key:{chain.leaked.mark}]"


def test_the_account_counts_pull_requests_and_names_no_secret(chain: Chain) -> None:
    assert chain.account.pull_requests == 1
    assert chain.leaked.value.decode() not in repr(chain.account) + repr(chain.forecast) + repr(chain.proof)


def test_the_private_directory_is_private(chain: Chain) -> None:
    assert chain.room.stat().st_mode & 0o777 == 0o700
    for directory, _, names in os.walk(chain.room):
        if "mirror.git" not in directory:
            for name in names:
                assert Path(directory, name).stat().st_mode & 0o077 == 0, name


def test_the_backup_gives_everything_back(chain: Chain, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--mirror", chain.backup.path, "back.git")
    back = tmp_path / "back.git"
    assert git(back, "for-each-ref") == git(chain.root, "for-each-ref")
    assert hashlib.sha256(Path(chain.backup.path).read_bytes()).hexdigest() == chain.backup.sha256


def test_a_forecast_changes_nothing_and_leaves_no_mirror(tmp_path: Path) -> None:
    made = Chain(tmp_path)
    forecast = made.work.forecast(str(made.room), (made.leaked,), (), (), quiet)
    assert forecast.commits > 10
    assert forecast.blobs > 8
    assert everything_in(made.root) == made.before
    assert os.listdir(made.room) == []


def test_two_secrets_of_which_one_contains_the_other(tmp_path: Path) -> None:
    root, longer = start(tmp_path / "shop"), secret(2, 40, "token")
    shorter = Credential(mark="5407e5", kind="password", value=longer.value[10:26])
    commit(root, {"a.env": b"T=" + longer.value + b"\nP=" + shorter.value + b"\n"})
    work = GitHistories(str(root))
    _, account = work.purge(str(tmp_path / "room"), (shorter, longer), (), (), quiet)
    shown = git(Path(account.mirror), "show", "HEAD:a.env")
    assert shown == f"T=[removed:token:{longer.mark}]\nP=[removed:password:5407e5]"
    assert work.verify(str(tmp_path / "room"), (shorter, longer), (), quiet).survivors == ()


def test_a_whole_file_leaves_every_commit(tmp_path: Path) -> None:
    root, leaked = start(tmp_path / "shop"), secret(3)
    for number in range(3):
        commit(
            root,
            {".env.production": b"A=%d\nKEY=" % number + leaked.value + b"\n", f"{number}.txt": b"kept\n"},
        )
    work = GitHistories(str(root))
    _, account = work.purge(str(tmp_path / "room"), (leaked,), (".env.production",), (), quiet)
    mirror = Path(account.mirror)
    assert account.removed == 3
    assert ".env.production" not in git(mirror, "log", "--all", "--name-only", "--format=")
    assert git(mirror, "ls-tree", "--name-only", "HEAD").split() == [
        "0.txt",
        "1.txt",
        "2.txt",
        "README.md",
        "logo.bin",
        "src",
    ]


def test_a_locked_archive_is_not_taken_for_clean(tmp_path: Path) -> None:
    root, leaked = start(tmp_path / "shop"), secret(4)
    locked = bytearray(jar({"a.txt": b"nobody can tell"}))
    for at in (locked.find(b"PK\3\4") + 6, locked.find(b"PK\1\2") + 8):
        locked[at] |= 1
    commit(root, {"locked.zip": bytes(locked), "k.env": b"K=" + leaked.value})
    work, room = GitHistories(str(root)), str(tmp_path / "room")
    work.purge(room, (leaked,), (), (), quiet)
    proof = work.verify(room, (leaked,), (), quiet)
    assert len(proof.unread) == 1
    name = proof.unread[0].partition(":")[0]
    assert work.verify(room, (leaked,), (name,), quiet).unread == ()


def test_a_repository_without_the_secret_is_not_written_anew(tmp_path: Path) -> None:
    root = start(tmp_path / "shop")
    with pytest.raises(Refused, match="nothing that a reference reaches"):
        GitHistories(str(root)).purge(str(tmp_path / "room"), (secret(5),), (), (), quiet)
    assert os.listdir(tmp_path / "room") == []


def test_a_shallow_clone_is_refused_early(tmp_path: Path) -> None:
    root = start(tmp_path / "shop")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    work = GitHistories(str(tmp_path / "shallow"))
    with pytest.raises(Refused, match="shallow"):
        work.purge(str(tmp_path / "room"), (secret(),), (), (), quiet)
    with pytest.raises(Refused, match="shallow"):
        work.back_up(str(tmp_path / "room"), (secret(),), NOW, quiet)


def test_a_partial_clone_is_refused_early(tmp_path: Path) -> None:
    root = start(tmp_path / "shop")
    git(root, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{root}", "partial")
    with pytest.raises(Refused, match="partial"):
        GitHistories(str(tmp_path / "partial")).purge(str(tmp_path / "room"), (secret(),), (), (), quiet)


def test_a_repository_of_sha_256_is_refused_early(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "--object-format=sha256")
    commit(root, {"a": b"x"})
    with pytest.raises(Refused, match="sha256"):
        GitHistories(str(root)).purge(str(tmp_path / "room"), (secret(),), (), (), quiet)


def test_a_damaged_object_stops_it_and_leaves_no_mirror(tmp_path: Path) -> None:
    root, leaked = start(tmp_path / "shop"), secret(6)
    commit(root, {"k.env": b"K=" + leaked.value})
    blob = git(root, "rev-parse", "HEAD:README.md")
    path = root / ".git/objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-3] + b"xyz")
    with pytest.raises(Unavailable, match="no complete copy"):
        GitHistories(str(root)).purge(str(tmp_path / "room"), (leaked,), (), (), quiet)
    assert os.listdir(tmp_path / "room") == []


def test_a_clone_that_borrows_objects_is_purged_whole(tmp_path: Path) -> None:
    root, leaked = start(tmp_path / "shop"), secret(7)
    commit(root, {"k.env": b"K=" + leaked.value})
    git(tmp_path, "clone", "-q", "--shared", str(root), "borrower")
    work, room = GitHistories(str(tmp_path / "borrower")), str(tmp_path / "room")
    _, account = work.purge(room, (leaked,), (), (), quiet)
    assert not (Path(account.mirror) / "objects/info/alternates").exists()
    assert work.verify(room, (leaked,), (), quiet).survivors == ()


def test_a_tree_that_an_old_tool_wrote_is_told_and_no_hindrance(tmp_path: Path) -> None:
    root, leaked = start(tmp_path / "shop"), secret(8)
    below = bytes.fromhex(git(root, "rev-parse", "HEAD:src"))
    blob = bytes.fromhex(git(root, "rev-parse", "HEAD:README.md"))
    content = b"100664 README.md\0" + blob + b"040000 src\0" + below
    tree = git(root, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=content)
    old = git(root, "commit-tree", tree, "-p", "HEAD", "-m", "old")
    git(root, "update-ref", "refs/heads/main", old)
    git(root, "read-tree", "HEAD")
    commit(root, {"k.env": b"K=" + leaked.value})
    git(root, "update-ref", "refs/heads/older", old)
    made = git(root, "commit-tree", tree, "-p", "main", "-m", f"with {leaked.value.decode()}")
    git(root, "update-ref", "refs/heads/odd", made)
    work, room = GitHistories(str(root)), str(tmp_path / "room")
    _, account = work.purge(room, (leaked,), (), (), quiet)
    assert any("written otherwise" in one for one in account.odd)
    assert work.verify(room, (leaked,), (), quiet).survivors == ()
