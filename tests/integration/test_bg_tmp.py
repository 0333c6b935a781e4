from __future__ import annotations
from tests.integration.test_gate_walkarounds import *  # noqa
from tests.integration.test_gate_walkarounds import shop, burning
from andon.cli.main import main
S = 'AKIA' + 'Z7QK3MPLXN2VWTRB'
import pytest
for n in [k for k in globals() if k.startswith("test_")]: del globals()[n]


def test_evil_merge(burning):
    git(burning.root, "switch", "-qc", BRANCH)
    burning.commit("INC-1: fix", **{"shop.py": "def total(a, b):\n    return a + b\n"})
    push(burning, BRANCH)
    git(burning.root, "switch", "-q", "main")
    git(burning.root, "merge", "-q", "--no-ff", "--no-commit", BRANCH)
    burning.commit("INC-1: merge", **{"shop.py": FEATURE})
    assert to_main(burning)["code"] == 1


def test_deescalate(burning, capsys):
    git(burning.root, "switch", "-qc", BRANCH)
    head = burning.commit("INC-1: more", **{"shop.py": FEATURE})
    main(["severity", "P2", "--reason", "it is not so bad"])
    print(capsys.readouterr())
    answer = burning.gate("pre-push", "origin", "url", given=line(f"refs/heads/{BRANCH}", "", head))
    print(answer["changes"][0]["gear"], answer["changes"][0]["why"])
    assert rows(answer)["no-feature"]["effect"] == "blocks"


@pytest.mark.parametrize("files", [
    {"a.txt": S}, {S + ".txt": "x"}, {"a.bin": "\0\0" + S + "\0"}, {"a.py": f'k = ("AKIA"\n "{S[4:]}")\n'},
])
def test_secret(shop, files):
    shop.commit(**files); shop.commit(**{k: "" for k in files})
    assert to_main(shop, rule="secrets")["effect"] == "blocks"


def test_secret16(shop):
    for enc in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        (shop.root / ("f" + enc)).write_bytes(('password = "' + S + '"\n').encode(enc))
        head = shop.commit("x")
        row = to_main(shop, rule="secrets")
        print(enc, row["effect"], row["evidence"])
        git(shop.root, "reset", "-q", "--hard", "HEAD^")
    assert 0

def test_reopened(burning):
    for words in (["resolve", "--help"],):
        try: main(words)
        except SystemExit: pass
    assert 0

def test_evil_merge_secret(shop):
    git(shop.root, "switch", "-qc", "x"); shop.commit(x="1"); git(shop.root, "switch", "-q", "main"); shop.commit(y="1")
    git(shop.root, "merge", "-q", "--no-ff", "--no-commit", "x")
    shop.commit("merge", z=S); shop.commit(z="")
    assert to_main(shop, rule="secrets")["effect"] == "blocks"

def test_gerrit(burning):
    git(burning.root, "switch", "-qc", "feature")
    head = burning.commit(**{"shop.py": FEATURE})
    answer = burning.gate("pre-push", "origin", "url", given=line("refs/for/main%submit", "", head))
    assert rows(answer)["only-the-hotfix"]["effect"] == "blocks"

def test_submodule(burning):
    git(burning.root, "switch", "-qc", BRANCH)
    git(burning.root, "update-index", "--add", "--cacheinfo", "160000," + "1"*40 + ",sub")
    git(burning.root, "commit", "-qm", "INC-1 x", "--no-verify")
    a = to_main(burning)
    print([(r["rule"], r["effect"], r["evidence"]) for r in a["changes"][0]["rows"]])
    assert a["code"] == 1

def test_tests_removed_by_attr_rename(burning):
    burning.commit(**{"tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n"})
    push(burning, "main")
    git(burning.root, "switch", "-qc", BRANCH)
    (burning.root/"tests/test_a.py").write_bytes("def test_a():\n    pass\n".encode("utf-16"))
    burning.commit("INC-1 x")
    a = to_main(burning)
    print([(r["rule"], r["effect"], r["evidence"]) for r in a["changes"][0]["rows"]])
    assert a["code"] != 0
    
def test_msg_logenc(shop):
    git(shop.root, "config", "i18n.logOutputEncoding", "UTF-16LE")
    shop.commit('key = "AKIA' + 'Z7QK3MPLXN2VWTRB"')
    assert to_main(shop, rule="secrets")["effect"] == "blocks"
