"""What going back brings along beyond the database: each kind with its file and line, nothing made up."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.risks import MOST, Change, Risk, concerns, find_risks
from andon.response.risks.configuration import is_provider
from andon.response.risks.flag_files import is_flag_file
from andon.response.risks.formats import format_kind
from andon.response.risks.lockfiles import is_client, is_lockfile


def change(path: str, old: str, new: str) -> Change:
    return Change(path=path, old=old, new=new)


def found(*changes: Change) -> list[tuple[str, str, str, bool]]:
    """Kind, place, text and loudness of each risk."""
    return [(r.kind, r.place, r.text, r.is_loud) for r in find_risks(changes).risks]


# ---- configuration


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (".env.example", "PORT=1\nPAYMENT_KEY=\n", "PORT=1\n"),
        (
            "compose.yaml",
            "services:\n  web:\n    environment:\n      PAYMENT_KEY: x\n",
            "services:\n  web:\n",
        ),
        (
            "docker-compose.prod.yml",
            "services:\n  web:\n    environment:\n      - PAYMENT_KEY=x\n",
            "services:\n",
        ),
        ("docker-compose.yml", "services:\n  web:\n    environment:\n      - PAYMENT_KEY\n", "services:\n"),
        ("k8s/web.yaml", "spec:\n  env:\n  - name: PAYMENT_KEY\n    value: x\n", "spec:\n  env: []\n"),
        ("deploy/config.yaml", "kind: ConfigMap\ndata:\n  PAYMENT_KEY: 'x'\n", "kind: ConfigMap\ndata: {}\n"),
        ("chart/values.yaml", "env:\n  PAYMENT_KEY: x\n", "env: {}\n"),
        ("Dockerfile", "FROM x\nENV PAYMENT_KEY=1\n", "FROM x\n"),
        ("fly.toml", "[env]\nPAYMENT_KEY = 'x'\n", "[env]\n"),
        ("app.json", '{"env": {"PAYMENT_KEY": {"required": true}}}', '{"env": {}}'),
        (
            "render.yaml",
            "services:\n  - envVars:\n      - key: PAYMENT_KEY\n        sync: false\n",
            "services: []\n",
        ),
        ("shop.service", "[Service]\nEnvironment=PAYMENT_KEY=1\n", "[Service]\n"),
    ],
)
def test_a_name_that_is_no_longer_provided(path: str, old: str, new: str) -> None:
    kinds = found(change(path, old, new))
    line = old[: old.index("PAYMENT_KEY")].count("\n") + 1
    assert kinds == [("configuration", f"{path}:{line}", "PAYMENT_KEY is no longer provided", False)]
    assert is_provider(path)
    assert concerns(path) == 2
    assert found(change(path, new, old)) == [], "a name that came in is no risk on the way back"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("shop/pay.py", 'key = os.environ["PAYMENT_KEY"]'),
        ("shop/pay.py", 'key = os.environ.get("PAYMENT_KEY", "")'),
        ("shop/pay.py", "key = os.getenv('PAYMENT_KEY')"),
        ("shop/pay.py", 'key = env.str("PAYMENT_KEY")'),
        ("shop/pay.py", 'key = config("PAYMENT_KEY")'),
        ("web/pay.ts", "const key = process.env.PAYMENT_KEY"),
        ("web/pay.ts", "const key = process.env['PAYMENT_KEY']"),
        ("web/pay.ts", "const key = import.meta.env.PAYMENT_KEY"),
        ("app/pay.rb", 'key = ENV["PAYMENT_KEY"]'),
        ("app/pay.rb", 'key = ENV.fetch("PAYMENT_KEY")'),
        ("pay.go", 'key := os.Getenv("PAYMENT_KEY")'),
        ("pay.go", 'key, ok := os.LookupEnv("PAYMENT_KEY")'),
        ("src/pay.rs", 'let key = env::var("PAYMENT_KEY");'),
        ("Pay.java", 'String key = System.getenv("PAYMENT_KEY");'),
        ("pay.php", "$key = getenv('PAYMENT_KEY');"),
    ],
)
def test_old_code_that_reads_it_makes_it_loud(path: str, line: str) -> None:
    dropped = change(".env.example", "PAYMENT_KEY=\n", "")
    by = f"PAYMENT_KEY is no longer provided; the older code reads it in {path}:2"
    code = change(path, f"\n{line}\n", "\n")
    assert found(dropped, code) == [("configuration", ".env.example:1", by, True)]
    alone = "only the older code reads PAYMENT_KEY: is it still set?"
    assert found(code) == [("configuration", f"{path}:2", alone, False)]
    assert found(change(path, f"\n{line}\n", f"\n\n{line}\n")) == [], "what runs now reads it too"


def test_a_name_that_moved_is_still_provided() -> None:
    moved = (
        change(".env.example", "PAYMENT_KEY=\n", ""),
        change("k8s/web.yaml", "", "env:\n- name: PAYMENT_KEY\n"),
    )
    assert found(*moved) == []


def test_removed_values_of_a_chart_are_named_with_their_way() -> None:
    old = "image:\n  tag: '1'\ningress:\n  class: nginx\n"
    texts = [text for _, _, text, _ in found(change("chart/values.yaml", old, "image:\n  tag: '2'\n"))]
    assert texts == ["ingress is no longer provided", "ingress.class is no longer provided"]


def test_tests_and_documents_do_not_run_in_production() -> None:
    for path in ("tests/test_pay.py", "web/pay.test.ts", "docs/conf.py", "vendor/pay/pay.go"):
        assert found(change(path, 'os.getenv("PAYMENT_KEY")', "")) == []
        assert concerns(path) == 0


# ---- formats


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("proto/order.proto", "Protocol Buffers"),
        ("events/order.avsc", "Avro"),
        ("order.thrift", "Thrift"),
        ("schemas/order.schema.json", "JSON Schema"),
        ("openapi.yaml", "OpenAPI"),
        ("api/swagger.json", "OpenAPI"),
        ("events.asyncapi.yaml", "AsyncAPI"),
        ("schema.graphql", "GraphQL"),
        ("shop/orders.py", ""),
        ("tests/data/order.proto", ""),
    ],
)
def test_what_describes_a_format(path: str, kind: str) -> None:
    assert format_kind(path) == kind


def test_a_changed_format_names_the_line() -> None:
    old = "message Order {\n  string id = 1;\n}\n"
    new = "message Order {\n  string id = 1;\n  Money total = 2;\n}\n"
    text = "Protocol Buffers format changed: what the newer release wrote, the older one has to read"
    assert found(change("order.proto", old, new)) == [("format", "order.proto:3", text, True)]
    added = Change(path="order.proto", old="", new=new, is_new=True)
    assert found(added)[0][2] == "Protocol Buffers format that the older release does not know"
    gone = Change(path="order.proto", old=old, new="", is_gone=True)
    assert "only the older release knows" in found(gone)[0][2]


@pytest.mark.parametrize(
    ("name", "old", "new", "is_risk"),
    [
        ("CACHE_VERSION", "3", "4", True),
        ("cacheKeyPrefix", '"orders:v1"', '"orders:v2"', True),
        ("SESSION_SERIALIZER_VERSION", "1", "2", True),
        ("EVENT_SCHEMA_VERSION", "'1.0'", "'1.1'", True),
        ("CACHE_VERSION", "3", "3", False),
        ("CACHE_SECONDS", "3", "4", False),
        ("RETRY_COUNT", "3", "4", False),
    ],
)
def test_a_constant_of_a_format(name: str, old: str, new: str, is_risk: bool) -> None:
    risks = found(change("shop/cache.py", f"\n{name} = {old}\n", f"\n{name} = {new}\n"))
    told = f"{name} goes back from {new.strip(chr(34) + chr(39))!r} to {old.strip(chr(34) + chr(39))!r}"
    assert risks == ([("format", "shop/cache.py:2", told, False)] if is_risk else [])


# ---- lockfiles


LOCKS = {
    "requirements.txt": "other==1.0\nstripe=={} ; python_version > '3'\n",
    "requirements/prod.txt": "stripe[async]=={} \\\n    --hash=sha256:00\n",
    "uv.lock": 'version = 1\n\n[[package]]\nname = "stripe"\nversion = "{}"\nsource = {{ registry = "x" }}\n',
    "poetry.lock": '[[package]]\nname = "stripe"\nversion = "{}"\ndescription = ""\n',
    "Cargo.lock": '[[package]]\nname = "stripe"\nversion = "{}"\n',
    "Pipfile.lock": '{{"default": {{"stripe": {{"version": "=={}"}}}}}}',
    "package-lock.json": '{{"packages": {{"": {{}}, "node_modules/stripe": {{"version": "{}"}}}}}}',
    "npm-shrinkwrap.json": '{{"dependencies": {{"stripe": {{"version": "{}"}}}}}}',
    "yarn.lock": 'stripe@^1.0.0:\n  version "{}"\n  resolved "x"\n',
    "web/yarn.lock": '"stripe@npm:^1.0.0":\n  version: {}\n  resolution: x\n',
    "pnpm-lock.yaml": "packages:\n\n  /stripe@{}:\n    resolution: {{}}\n",
    "Gemfile.lock": "GEM\n  specs:\n    stripe ({})\n      json (>= 1)\n",
    "composer.lock": '{{"packages": [{{"name": "stripe/stripe-php", "version": "v{}"}}]}}',
    "go.mod": "module x\n\nrequire (\n\tgithub.com/stripe/stripe-go v{}\n)\n",
}


@pytest.mark.parametrize("path", LOCKS)
def test_a_client_that_gets_older(path: str) -> None:
    lock = LOCKS[path]
    assert is_lockfile(path)
    [(kind, place, text, loud)] = found(change(path, lock.format("7.9.1"), lock.format("7.10.0")))
    assert (kind, loud) == ("dependency", False)
    assert place.startswith(path + ":")
    assert text.endswith("gets older: 7.10.0 -> 7.9.1")
    [(_, _, text, loud)] = found(change(path, lock.format("7.9.1"), lock.format("8.0.0")))
    assert loud, "a major version down is louder"
    assert text.endswith("goes down a major version: 8.0.0 -> 7.9.1")
    assert found(change(path, lock.format("8.0.0"), lock.format("7.9.1"))) == [], "it gets newer again"
    assert found(change(path, lock.format("8.0.0"), lock.format("8.0.0"))) == []


def test_other_libraries_are_counted_when_they_step_down_a_major() -> None:
    old = "".join(f"lib{n}==1.0\n" for n in range(8)) + "small==1.1\n"
    new = "".join(f"lib{n}==2.0\n" for n in range(8)) + "small==1.2\n"
    [(kind, place, text, loud)] = found(change("requirements.txt", old, new))
    assert (kind, place, loud) == ("dependency", "requirements.txt", False)
    assert text.startswith("other major steps down: lib0 2.0 -> 1.0") and text.endswith("and 3 more")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("stripe", True), ("@aws-sdk/client-s3", True), ("acme-api-client", True),
     ("google-cloud-storage", True), ("@sentry/node", True),
     ("left-pad", False), ("apiary", False), ("striped", False)],
)  # fmt: skip
def test_what_is_a_client(name: str, expected: bool) -> None:
    assert is_client(name) is expected


# ---- interfaces of others


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'BASE_URL = "https://api.pay.test/v1"',
            'BASE_URL = "https://api.pay.test/v2/"',
            "BASE_URL goes back from api.pay.test/v2 to api.pay.test/v1: does that address still answer?",
        ),
        (
            'headers = {"Stripe-Version": "2022-01-01"}',
            'headers = {"Stripe-Version": "2024-06-20"}',
            "Stripe-Version goes back from '2024-06-20' to '2022-01-01': does the service still take that?",
        ),
        (
            "api_version: '2'",
            "api_version: '3'",
            "api_version goes back from '3' to '2': does the service still take that?",
        ),
        (
            'url = "https://user:hunter2@a.test/x?token=s3cret"',
            'url = "https://user:hunter2@b.test/x?token=s3cret"',
            "url goes back from b.test/x to a.test/x: does that address still answer?",
        ),
    ],
)
def test_an_interface_that_moved(old: str, new: str, told: str) -> None:
    assert found(change("shop/pay.py", old, new)) == [("interface", "shop/pay.py:1", told, True)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('url = "http://localhost:1/a"', 'url = "http://localhost:2/a"'),
        ("apiVersion: apps/v1beta1", "apiVersion: apps/v1"),
        ('url = "https://a.test/x?a=1"', 'url = "https://a.test/x?a=2"'),
    ],
)
def test_an_address_of_our_own_is_no_interface(old: str, new: str) -> None:
    assert found(change("web/app.yaml", old, new)) == []


# ---- flags


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        ("flags.json", '{"checkout": false}', '{"checkout": true}',
         "flag checkout: checkout goes back from true to false"),
        (
            "config/flags.yml",
            "checkout:\n  enabled: false\n",
            "checkout:\n  enabled: true\n",
            "flag checkout: enabled goes back from true to false",
        ),
        (
            "flagd.json",
            '{"flags": {"checkout": {"state": "ENABLED", "defaultVariant": "off"}}}',
            '{"flags": {"checkout": {"state": "ENABLED", "defaultVariant": "on"}}}',
            "flag checkout: defaultVariant goes back from on to off",
        ),
        ("feature_flags.toml", "[checkout]\ndefault = false\n", "[checkout]\ndefault = true\n",
         "flag checkout: default goes back from true to false"),
    ],
)  # fmt: skip
def test_a_flag_that_flips(path: str, old: str, new: str, told: str) -> None:
    assert is_flag_file(path)
    [(kind, place, text, loud)] = found(change(path, old, new))
    assert (kind, text, loud) == ("flag", told, True)
    assert place.startswith(path)
    assert found(change(path, old, old)) == []


def test_a_flag_that_comes_back() -> None:
    old, new = '{"a": true, "b": false}', '{"a": true}'
    assert found(change("flags.json", old, new)) == [
        ("flag", "flags.json", "flag b comes back, with b false", False)
    ]
    assert found(change("flags.json", new, old)) == [], "the older release does not know the newer flag"


# ---- bad input


def test_the_list_is_bounded_and_says_so() -> None:
    old = "".join(f"NAME_{n}=\n" for n in range(MOST + 25))
    looked = find_risks((change(".env.example", old, ""),))
    assert (len(looked.risks), looked.left_out) == (MOST, 25)


PATHS = (
    ".env", "compose.yml", "values.yaml", "flags.json", "flags.yaml", "flags.toml", "a.proto", "openapi.yaml",
    "package-lock.json", "uv.lock", "yarn.lock", "pnpm-lock.yaml", "Gemfile.lock", "go.mod", "composer.lock",
    "requirements.txt", "Pipfile.lock", "Dockerfile", "a.service", "app.py", "config/a.json",
)  # fmt: skip
WORDS = st.sampled_from(
    ("\n", "  ", "- ", ":", "=", '"', "'", "{", "}", "[", "]", "NAME_X", "name", "version", "1.0", "true",
     "https://a.test/x", "[[package]]", "\x00", "\u2028", "é", "=>", "ENV", "flags", "default", "packages")
)  # fmt: skip


@given(
    st.sampled_from(PATHS),
    st.lists(WORDS, max_size=40).map("".join),
    st.lists(WORDS, max_size=40).map("".join),
)
def test_no_content_makes_an_exception(path: str, old: str, new: str) -> None:
    for risk in find_risks((change(path, old, new),)).risks:
        assert isinstance(risk, Risk) and risk.path in (path, "")
        assert (
            0
            <= risk.line
            <= max(old.count("\n"), new.count("\n"), len(old.splitlines()), len(new.splitlines())) + 1
        )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flags.json", "[" * 100_000),
        ("package-lock.json", '{"a":' * 50_000),
        ("flags.yaml", " " * 100_000 + "a: 1"),
        ("app.py", "a=" * 50_000 + '"' * 50_000),
        ("app.py", 'environ.get("' * 20_000),
        ("compose.yml", "- - - - " * 20_000),
        ("requirements.txt", "a" * 200_000 + "=="),
        ("pnpm-lock.yaml", "  /" + "a@" * 50_000),
        ("go.mod", "a/" * 100_000),
        ("flags.json", json.dumps({str(n): True for n in range(30_000)})),
    ],
)
def test_long_and_deep_input_ends_soon(path: str, text: str) -> None:
    looked = find_risks((change(path, text, "x"), change(path, "x", text)))
    assert len(looked.risks) <= MOST
