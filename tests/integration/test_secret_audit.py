"""The audit of secret files on real git: only what a commit says counts, whatever this machine adds."""

from __future__ import annotations

import json
import os
import random
import string
from pathlib import Path

import pytest

from andon.cli.main import main
from andon.config.model import Config
from andon.desk.casefile import service_stream
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.environment_files import check
from andon.desk.gate.standing import standing
from andon.desk.secret_files import (
    SecretFilesAudit,
    audit_secret_files,
    look_at_secret_files,
    write_rules,
)
from andon.errors import Refused
from andon.incident.events import SecretFilesAudited
from andon.incident.words import Verdict
from andon.production.git import GitRepository
from andon.production.git_ignores import GitIgnores
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point
from andon.secrets.ignore_audit import Kind
from andon.secrets.secret_files import GUARDED
from tests.fakes.desk import FakeDesk
from tests.integration.gated import clean_environment, git
from tests.made_tokens import github_token

#: Every line that is asked about, and the example back in.
WHOLE = "\n".join((*(row.line for row in GUARDED), "!.env.example", ""))


def made_up(seed: int = 1, length: int = 24) -> str:
    """Return letters that were nobody's."""
    return "".join(random.Random(seed).choices(string.ascii_lowercase + string.digits, k=length))


class Place:
    """A repository and what the audit says of it."""

    def __init__(self, root: Path, config: Config | None = None) -> None:
        self.root = root
        self.config = config or Config(service="shop")

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, **files: str) -> None:
        for name, text in files.items():
            self.write(name, text)
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "--allow-empty", "-m", "work")

    def force(self, name: str, text: str | bytes) -> None:
        self.write(name, text)
        git(self.root, "add", "-f", name)
        git(self.root, "commit", "-q", "-m", "work")

    @property
    def desk(self) -> FakeDesk:
        desk = FakeDesk(self.root, config=self.config, repository=GitRepository(str(self.root)))
        desk.ignores = GitIgnores(str(self.root))  # type: ignore[assignment]  # the real one
        return desk

    def look(self, **how: bool) -> SecretFilesAudit:
        return look_at_secret_files(self.desk, **how)

    def open_lines(self) -> list[str]:
        """Return what is told of rules that lack."""
        return [f.text for f in self.look().findings if f.kind is Kind.NO_RULE]

    def told(self, kind: Kind) -> list[str]:
        """Return what is told of a kind, as `path: text`."""
        return [f"{f.path}: {f.text}" for f in self.look().findings if f.kind is kind]

    def ship(self, point: Point = Point.SHIP) -> RuleResult:
        desk = self.desk
        desk.append(service_stream(desk), (SecretFilesAudited(verdict=Verdict.PASSED),))
        return check(
            GateContext(desk, point, standing(desk), Asked(head=git(self.root, "rev-parse", "HEAD")))
        )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    clean_environment(tmp_path, monkeypatch)
    git(tmp_path, "init", "-q", "-b", "main", "shop")
    return Place(tmp_path / "shop")


# ---- whose rule it is


def test_committed_rules_for_all_of_it_are_clean(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE, "app.py": "", "infra/main.tf": ""})
    found = place.look()
    assert (found.verdict, found.findings, found.proposal.lines) == (Verdict.PASSED, (), ())


def test_only_env_covers_no_sibling_and_an_anchored_rule_no_directory(place: Place) -> None:
    place.commit(**{".gitignore": "/.env\n" + WHOLE.replace(".env\n", "").replace(".env.*\n", "")})
    told = place.open_lines()
    assert told[0].startswith("no committed rule ignores .env in other directories")
    assert ".env.local, .env.production" in told[1]


def test_an_excludes_file_of_ones_own_is_no_rule(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.commit(**{"app.py": ""})
    place.write("../mine", WHOLE)
    place.write("../config", f"[core]\n\texcludesFile = {place.root.parent / 'mine'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(place.root.parent / "config"))
    assert ".env is ignored here alone, by your own excludes file" in place.open_lines()[0]


def test_the_excludes_of_this_clone_are_no_rule(place: Place) -> None:
    place.commit(**{"app.py": ""})
    place.write(".git/info/exclude", WHOLE)
    assert "by .git/info/exclude" in place.open_lines()[0]


def test_a_gitignore_that_is_not_committed_is_no_rule_until_it_is(place: Place) -> None:
    place.commit(**{"app.py": ""})
    place.write(".gitignore", WHOLE)
    assert "by .gitignore:3, which is not committed" in place.open_lines()[0]
    place.commit()
    assert not place.open_lines()


def test_taking_a_rule_out_here_changes_nothing_of_what_is_committed(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE})
    place.write(".gitignore", "!.env\n")
    assert not place.open_lines()


def test_a_nested_gitignore_counts_where_it_lies(place: Place) -> None:
    place.commit(**{"api/package.json": "{}", "api/.gitignore": ".env\n"})
    assert place.open_lines()[0].startswith("no committed rule ignores .env")
    place.commit(**{".gitignore": WHOLE, "api/.gitignore": "!.env\n"})
    assert place.open_lines() == ["no committed rule ignores .env in api; the rule holds for the root alone"]


def test_a_line_that_is_taken_back_below_cannot_be_mended_from_above(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE, "api/package.json": "{}", "api/.gitignore": "!.env\n"})
    assert place.look().notes == ("api/.env would stay open: api/.gitignore:1 takes it back",)


def test_a_gitignore_that_is_a_link_is_followed_by_nobody(place: Place) -> None:
    place.write("rules", WHOLE)
    (place.root / ".gitignore").symlink_to("rules")
    place.commit()
    assert place.open_lines()


def test_upper_and_lower_case_are_not_the_same_rule(place: Place) -> None:
    git(place.root, "config", "core.ignorecase", "true")
    place.commit(**{".gitignore": WHOLE.replace("id_rsa\n", "ID_RSA\n")})
    (told,) = place.open_lines()
    assert told.startswith("no committed rule ignores id_rsa")


# ---- what is in, and what lies here


def test_a_file_that_is_in_is_severe_and_no_value_is_told(place: Place) -> None:
    secret = made_up()
    place.commit(**{".gitignore": WHOLE, ".env.example": "PASSWORD=\n"})
    place.force(".env.production", f"PASSWORD={secret}\n")
    found = place.look()
    assert [f.path for f in found.severe] == [".env.production"]
    assert "although .gitignore:2 ignores it" in found.severe[0].text
    assert secret not in repr(found)


def test_an_empty_one_and_a_certificate_are_none(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE})
    place.force(".env", "PASSWORD=\n")
    place.force("ca.pem", "-----BEGIN CERTIFICATE-----\n")
    assert place.look().verdict is Verdict.PASSED


def test_a_key_among_tests_is_a_doubt(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE})
    place.force("tests/certs/server.key", "-----BEGIN " + "PRIVATE KEY-----\n")
    found = place.look()
    assert [(f.kind, f.is_severe) for f in found.findings] == [(Kind.TRACKED, False)]


def test_what_lies_here_and_is_not_ignored_is_told(place: Place) -> None:
    place.commit(**{".gitignore": "# none\n"})
    place.write("deploy/prod.env", f"TOKEN={made_up()}\n")
    place.write("deploy/ca.pem", "-----BEGIN CERTIFICATE-----\n")
    place.write(".git/info/exclude", "prod.env\n")
    (told,) = place.told(Kind.EXPOSED)
    assert told.startswith(
        "deploy/prod.env: lies here, and no committed rule ignores it; it is ignored here alone"
    )


def test_a_configured_secret_file_counts_whatever_it_is_called(place: Place) -> None:
    place.config = Config(service="shop", secret_files=("vars/production",))
    place.commit(**{".gitignore": WHOLE})
    place.write("vars/production", "A=1\n")
    assert len(place.told(Kind.EXPOSED)) == 1


def test_a_directory_that_is_ignored_as_a_whole_is_not_walked(place: Place) -> None:
    place.commit(**{".gitignore": "node_modules/\n" + WHOLE})
    place.write("node_modules/x/.env", "A=1\n")
    assert place.look().here == 0


def test_a_link_out_of_the_repository_is_not_read(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE, ".env.example": "A=\n"})
    place.write("../elsewhere", f"B={made_up()}\n")
    (place.root / ".env").symlink_to("../elsewhere")
    assert place.look().findings == ()


def test_other_files_that_are_in_although_ignored_are_a_note(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE + "*.log\n"})
    place.force("app.log", "x\n")
    assert place.look().notes == (
        "1 other file committed although a rule ignores them: git ls-files -ci --exclude-standard",
    )


# ---- examples


def test_a_file_of_settings_needs_an_example_with_its_names(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE})
    place.write(".env", f"PASSWORD={made_up()}\nURL=x\n")
    assert place.told(Kind.NO_EXAMPLE) == [
        ".env: has no committed example beside it, so nobody else knows its 2 names"
    ]
    place.write(".env.example", "PASSWORD=\n")
    assert place.told(Kind.NO_EXAMPLE) == [".env: has its example .env.example here, and not in a commit"]
    place.commit()
    assert place.told(Kind.EXAMPLE_LACKS) == [".env.example: does not name URL, which .env sets"]
    place.commit(**{".env.example": "PASSWORD=\n# URL=\n"})
    assert place.look().verdict is Verdict.PASSED


def test_an_example_with_the_real_value_is_severe(place: Place) -> None:
    secret = "horse" + made_up(length=9)
    place.commit(**{".gitignore": WHOLE, ".env.example": f"\nPASSWORD={secret}\n"})
    place.write(".env", f"PASSWORD={secret}\n")
    found = place.look()
    assert {(f.kind, f.path, f.line) for f in found.severe} >= {(Kind.EXAMPLE_REAL, ".env.example", 2)}
    assert secret not in repr(found)


def test_an_example_with_a_token_is_severe(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE, ".env.example": f"TOKEN={github_token(7)}\n"})
    assert [f.kind for f in place.look().severe] == [Kind.EXAMPLE_REAL]


def test_an_example_that_a_rule_ignores_is_told(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE.replace("!.env.example\n", "")})
    assert place.told(Kind.EXAMPLE_IGNORED) == [
        ".env.example: is ignored by .gitignore:2 (.env.*), and belongs into the repository"
    ]


# ---- the lines


def test_the_lines_mend_what_lacks_and_keep_what_belongs_in(place: Place) -> None:
    place.commit(**{"certs/ca.pem": "-----BEGIN CERTIFICATE-----\n", "api/.env.production.sample": "A=\n"})
    lines = place.look().proposal.lines
    assert {".env", "!.env.example", "!/certs/ca.pem", "!/api/.env.production.sample"} <= set(lines)
    assert write_rules(place.desk, place.look().proposal)
    place.commit()
    found = place.look()
    assert (found.findings, found.notes) == ((), ())


def test_writing_twice_is_writing_once_and_line_ends_stay(place: Place) -> None:
    place.commit(**{".gitignore": "*.log\r\nbuild/\r\n", "app.rb": ""})
    proposal = place.look().proposal
    first = write_rules(place.desk, proposal)
    assert first is not None and first.changed
    text = (place.root / ".gitignore").read_bytes()
    assert text.startswith(b"*.log\r\nbuild/\r\n\r\n# ") and text.count(b"\n") == text.count(b"\r\n")
    again = write_rules(place.desk, place.look().proposal)
    assert again is not None and not again.changed
    assert place.look().is_written
    place.commit()
    assert write_rules(place.desk, place.look().proposal) is None


def test_an_exception_above_the_rule_is_written_again_below_it(place: Place) -> None:
    place.commit(**{".gitignore": "!.env.example\n"})
    write_rules(place.desk, place.look().proposal)
    place.commit(**{".env.example": "A=\n"})
    assert place.look().verdict is Verdict.PASSED


# ---- other repositories


def test_before_the_first_commit_no_rule_holds(place: Place) -> None:
    place.write(".gitignore", WHOLE)
    found = place.look()
    assert found.commit == "" and found.verdict is Verdict.FAILED
    assert found.notes == ("the repository has no commit yet: no rule holds yet, and nothing is committed",)
    assert found.is_written


def test_a_bare_repository_is_judged_by_its_commit(place: Place) -> None:
    place.commit(**{".gitignore": ".env\n"})
    place.force("id_rsa", "-----BEGIN " + "RSA PRIVATE KEY-----\n")
    git(place.root.parent, "clone", "-q", "--bare", str(place.root), "bare")
    bare = Place(place.root.parent / "bare")
    found = bare.look()
    assert [f.path for f in found.severe] == ["id_rsa"]
    with pytest.raises(Refused):
        write_rules(bare.desk, found.proposal)


def test_a_submodule_is_named_and_not_looked_into(place: Place) -> None:
    git(place.root.parent, "init", "-q", "-b", "main", "other")
    other = Place(place.root.parent / "other")
    other.commit(**{"package.json": "{}", ".env": "A=1\n"})
    place.commit(**{".gitignore": WHOLE})
    git(place.root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.root), "lib")
    place.commit()
    found = place.look()
    assert found.findings == ()
    assert found.notes == ("1 submodule not looked into, such as lib: audit it there",)
    inside = Place(place.root / "lib")
    assert [f.path for f in inside.look().severe] == [".env"]


def test_a_sparse_work_tree_has_the_rules_of_its_commit(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE, "api/package.json": "{}", "api/.gitignore": "!.env\n", "web/a": ""})
    git(place.root, "sparse-checkout", "set", "web")
    assert not (place.root / "api").exists()
    assert len(place.open_lines()) == 1


def test_hostile_names_are_asked_about_and_spelled_out(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE})
    place.write(":(top)x/.env", "A=1\n")
    place.write("a\nb/prod.env", "A=1\n")
    os.makedirs(os.fsencode(place.root) + b"/\xff")
    Path(os.fsdecode(os.fsencode(place.root) + b"/\xff/.env")).write_text("A=1\n")
    git(place.root, "add", "-f", ".")
    git(place.root, "commit", "-q", "-m", "work")
    found = place.look()
    told = {(f.kind, f.path) for f in found.findings}
    assert {(Kind.TRACKED, ":(top)x/.env"), (Kind.TRACKED, "\\xff/.env")} <= told
    assert (Kind.UNREAD, "a\nb/prod.env") in told


# ---- the gate and the command


def test_ship_blocks_a_file_that_is_in_and_warns_of_what_lacks(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE})
    assert place.ship().verdict is Verdict.PASSED
    place.commit(**{".gitignore": ".env\n"})
    lacks = place.ship()
    assert lacks.verdict is Verdict.FAILED and lacks.is_only_hints
    place.force("prod.env", "A=1\n")
    found = place.ship()
    assert (found.rule, found.verdict, found.is_only_hints) == ("environment-files", Verdict.FAILED, False)
    assert [o.path for o in found.objections if not o.is_hint] == ["prod.env"]


def test_ship_says_that_the_audit_is_old(place: Place) -> None:
    place.commit(**{".gitignore": WHOLE})
    desk = place.desk
    asked = Asked(head=git(place.root, "rev-parse", "HEAD"))
    never = check(GateContext(desk, Point.SHIP, standing(desk), asked))
    assert never.is_only_hints and "no whole audit is on record" in never.evidence
    audit_secret_files(desk)
    assert check(GateContext(desk, Point.SHIP, standing(desk), asked)).verdict is Verdict.PASSED
    desk.clock.sleep(91 * 86400)
    assert (
        "the last whole audit is of 2026-03-01"
        in check(GateContext(desk, Point.SHIP, standing(desk), asked)).evidence
    )
    assert check(GateContext(desk, Point.CI, standing(desk), asked)).verdict is Verdict.PASSED


def test_the_command_says_it_with_its_exit_code(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place.root)
    place.commit(**{"andon.toml": 'service = "shop"\n'})
    assert main(["secrets", "audit", "--write"]) == 1
    assert ".gitignore has them now" in capsys.readouterr().out
    assert main(["secrets", "audit"]) == 1
    assert "git add .gitignore" in capsys.readouterr().out
    place.commit()
    assert main(["secrets", "audit", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "passed" and told["findings"] == []
    assert main(["doctor", "--json"]) in (0, 1)
    lines = {line["subject"]: line["state"] for line in json.loads(capsys.readouterr().out)}
    assert (lines["secret files"], lines["secret audit"]) == ("ok", "ok")
