"""A flagd file as it lies on a disk: rights, links, mounts, other writers, half-written content."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from andon.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.flags.overrides import KILL, ROLLOUT, Override
from andon.production import flags_file
from andon.production.flags_file import LARGEST, FlagFile

ON: dict[str, Any] = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on"}


def kill(flag: str = "a", operation: str = "op-1", variant: str = "off") -> Override:
    return Override(flag=flag, layer=KILL, variant=variant, operation=operation)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "flags.json"
    path.write_text(json.dumps({"flags": {"a": ON, "b": ON}}, indent=2))
    return path


def system(path: Path) -> FlagFile:
    return FlagFile(str(path), path.name)


def test_mode_link_and_neighbours_stay(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "elsewhere" / "link.json"
    link.parent.mkdir()
    link.symlink_to("../flags.json")
    before = file.read_bytes()
    system(link).put(kill())
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert json.loads(file.read_bytes())["flags"]["a"]["defaultVariant"] == "off"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "flags.json"]
    system(link).take("a", KILL, "op-1")
    assert file.read_bytes() == before


def test_nothing_is_written_when_nothing_changes(file: Path) -> None:
    system(file).put(kill())
    known = file.stat()
    system(file).put(kill())
    system(file).take("b", KILL, "op-9")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (known.st_ino, known.st_mtime_ns)


def test_a_hard_link_would_keep_the_old_flags(file: Path, tmp_path: Path) -> None:
    os.link(file, tmp_path / "other.json")
    with pytest.raises(Refused, match="hard link") as caught:
        system(file).put(kill())
    assert "-samefile" in caught.value.remedy


def test_a_config_map_is_not_written_to(tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    inside = mounted / "..2026_11_27"
    inside.mkdir(parents=True)
    (inside / "flags.json").write_text(json.dumps({"flags": {"a": ON}}))
    (mounted / "..data").symlink_to("..2026_11_27")
    (mounted / "flags.json").symlink_to("..data/flags.json")
    asked = system(mounted / "flags.json")
    assert asked.find("a").state == "on for everybody"
    with pytest.raises(Refused, match="ConfigMap") as caught:
        asked.put(kill())
    assert "kubectl edit configmap" in caught.value.remedy


def test_a_directory_that_is_not_ours_is_told(file: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    file.parent.chmod(0o500)
    try:
        with pytest.raises(Unavailable, match="cannot be written") as caught:
            system(file).put(kill())
        assert "ls -ld" in caught.value.remedy
    finally:
        file.parent.chmod(0o700)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read") as caught:
        system(tmp_path / "flags.json").flags()
    assert "[flags]" in caught.value.remedy


@pytest.mark.parametrize(
    "content",
    [b"", b'{"flags": {"a": {"state', b"\xff\xfe{}", b'{"flags": 1}', b" " * (LARGEST + 1)],
    ids=["empty", "half-written", "utf-16", "no flags", "huge"],
)
def test_what_cannot_be_read_is_told_with_its_line_and_not_written_over(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    for act in (lambda: system(file).flags(), lambda: system(file).put(kill())):
        with pytest.raises(InvalidInput) as caught:
            act()
        assert caught.value.where == "flags.json:1"
    assert file.read_bytes() == content


def test_a_variant_that_is_not_there_is_refused(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(InvalidInput, match="it has: on, off"):
        system(file).put(kill(variant="aus"))
    assert file.read_bytes() == before


def edited(path: Path) -> None:
    """Turn a flag on again by hand, as somebody would who does not know that it was killed."""
    document = json.loads(path.read_text())
    document["flags"]["a"]["defaultVariant"] = "on"
    path.write_text(json.dumps(document, indent=4))


def test_an_edit_of_somebody_else_is_not_undone_and_no_kill_is_claimed(file: Path) -> None:
    system(file).put(kill())
    edited(file)
    seen = system(file).find("a")
    assert seen.kill is None
    assert seen.state == "edited since the kill: on for everybody"
    before = file.read_bytes()
    with pytest.raises(Refused, match="somebody edited the flag a") as caught:
        system(file).take("a", KILL, "op-1")
    assert caught.value.where.startswith("flags.json:")
    assert "$andon" in caught.value.remedy
    assert file.read_bytes() == before
    with pytest.raises(Refused, match="somebody edited"):
        system(file).put(Override(flag="a", layer=ROLLOUT, variant="on", percent=5.0, operation="op-3"))


def test_a_kill_goes_above_an_edit_and_gives_that_back(file: Path) -> None:
    system(file).put(kill())
    edited(file)
    text = json.loads(file.read_text())["flags"]["a"]
    system(file).put(kill(operation="op-2"))
    assert json.loads(file.read_text())["flags"]["a"]["defaultVariant"] == "off"
    seen = system(file).find("a").kill
    assert seen is not None
    assert seen.operation == "op-2"
    system(file).take("a", KILL, "op-2")
    assert json.loads(file.read_text())["flags"]["a"] == text


def test_who_writes_in_between_is_not_overwritten(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = flags_file._keep_rights
    tries = []

    def interrupted(end: int, path: str, known: os.stat_result) -> None:
        keep(end, path, known)
        if not tries:
            document = json.loads(file.read_text())
            document["flags"]["new"] = ON
            file.write_text(json.dumps(document))
        tries.append(path)

    monkeypatch.setattr(flags_file, "_keep_rights", interrupted)
    system(file).put(kill())
    document = json.loads(file.read_text())
    assert len(tries) == 2
    assert (document["flags"]["a"]["defaultVariant"], document["flags"]["new"]) == ("off", ON)


def test_who_writes_all_the_time_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def restless(*_: object) -> None:
        file.write_text(file.read_text() + "\n")

    monkeypatch.setattr(flags_file, "_keep_rights", restless)
    with pytest.raises(Conflict, match="again and again"):
        system(file).put(kill())
    assert os.listdir(file.parent) == ["flags.json"]


PROGRAM = """
import sys
from andon.flags.overrides import Override
from andon.production.flags_file import FlagFile
FlagFile(sys.argv[1]).put(Override(flag=sys.argv[2], layer="kill", variant="off", operation="op"))
"""


def test_processes_at_once_lose_nothing(file: Path) -> None:
    keys = [f"k{number}" for number in range(6)]
    file.write_text(json.dumps({"flags": dict.fromkeys(keys, ON)}, indent=1))
    before = file.read_bytes()
    running = [subprocess.Popen([sys.executable, "-c", PROGRAM, str(file), key]) for key in keys]
    assert [process.wait() for process in running] == [0] * len(keys)
    assert all(flag.kill is not None for flag in system(file).flags())
    for key in reversed(keys):
        system(file).take(key, KILL, "op")
    assert file.read_bytes() == before


def test_a_crash_before_the_exchange_leaves_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(flags_file.os, "fsync", broken)
    with pytest.raises(Unavailable, match="No space left"):
        system(file).put(kill())
    monkeypatch.undo()
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == ["flags.json"]


def test_keys_of_any_kind(tmp_path: Path) -> None:
    path = tmp_path / "flags.json"
    keys = ['"', "a b", "\x1b[31m", "é😀", "$andon", "flags", "x" * 2000, "../../etc"]
    path.write_text(json.dumps({"flags": dict.fromkeys(keys, ON)}))
    before = path.read_bytes()
    for key in keys:
        system(path).put(kill(key))
    for key in keys:
        assert system(path).find(key).kill is not None
        system(path).take(key, KILL, "op-1")
    assert path.read_bytes() == before


def test_a_file_that_another_account_owns_keeps_its_owner(file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(file, 12345, 23456)
    system(file).put(kill())
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="this system has no labels on files")
def test_labels_of_the_file_stay(file: Path) -> None:
    with contextlib.suppress(OSError):
        os.setxattr(file, "user.label", b"kept")
    if b"kept" not in [os.getxattr(file, name) for name in os.listxattr(file)]:
        pytest.skip("this file system has no labels")
    system(file).put(kill())
    assert os.getxattr(file, "user.label") == b"kept"


SCHEMAS = (
    Path(os.environ.get("ANDON_CONFORMANCE") or Path(__file__).parents[3] / "shared" / "conformance")
    / "flagd-schemas/json"
)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="flagd's schemas are not here")
@pytest.mark.parametrize("layer", [KILL, ROLLOUT])
def test_what_is_written_is_valid_for_flagd(file: Path, layer: str) -> None:
    import jsonschema
    from referencing import Registry, Resource

    flags, targeting = (json.loads((SCHEMAS / name).read_text()) for name in ("flags.json", "targeting.json"))
    known: Registry[Any] = Registry().with_resource("./targeting.json", Resource.from_contents(targeting))
    system(file).put(Override(flag="a", layer=layer, variant="off", percent=5.0, operation="op-1", by="Mia"))
    jsonschema.Draft7Validator(flags, registry=known).validate(json.loads(file.read_text()))


def test_flagd_itself_obeys_and_hands_out_no_rules(file: Path) -> None:
    """With flagd's own evaluator, where it is installed (`./dev bench` installs what is measured against)."""
    flagd = pytest.importorskip(
        "openfeature.contrib.tools.flagd.core", reason="flagd's evaluator is not here"
    )
    from openfeature.evaluation_context import EvaluationContext

    rules = {"if": [{"ends_with": [{"var": "email"}, "@secret.example"]}, "on", "off"]}
    file.write_text(json.dumps({"flags": {"a": {**ON, "targeting": rules}, "b": ON}}))
    everybody = EvaluationContext(targeting_key="u", attributes={"email": "mia@secret.example"})

    def served() -> Any:
        core = flagd.FlagdCore()
        core.set_flags(file.read_text())
        return core.resolve_boolean_value("a", True, everybody)

    assert served().value is True
    system(file).put(kill())
    assert served().value is False
    assert "secret" not in json.dumps(dict(served().flag_metadata))
    system(file).take("a", KILL, "op-1")
    assert served().value is True


def test_nobody_can_say_who_has_read_it(file: Path) -> None:
    confirmed = system(file).confirmations("1", 1.0, lambda _: None)
    assert not confirmed.can_confirm
    assert "flags.json is written" in confirmed.detail


def test_a_flag_that_is_no_object_is_listed_and_not_switched(file: Path) -> None:
    file.write_text('{"flags": {"a": 5,\n"b": null}}')
    assert [flag.state for flag in system(file).flags()] == ["line 1: no flag", "line 2: no flag"]
    with pytest.raises(InvalidInput, match="is no object"):
        system(file).put(kill("b"))
    with pytest.raises(NotFound):
        system(file).find("c")
