"""Every setting is read; every mistake is named with its file and line and the way out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.config.model import Config, from_plain, to_plain
from andon.config.model_gap import GapConfig, GapDependencyConfig, WorldConfig
from andon.config.model_production import (
    DeployConfig,
    FlagConfig,
    FlagSystemConfig,
    KnownErrorConfig,
    LogConfig,
    ProbeConfig,
    TrialConfig,
    VerifyConfig,
)
from andon.config.model_team import (
    DecisionConfig,
    GatesConfig,
    HotfixConfig,
    LeakConfig,
    NotifyConfig,
    PeopleConfig,
    ReviewConfig,
    ScannerConfig,
    SecretsConfig,
    ShipConfig,
)
from andon.config.read import read_config
from andon.errors import InvalidInput

EVERYTHING = """\
service = "shop"
protocol = "docs/INCIDENTS.md"
words = "levels"
journal = "postgresql://desk/andon"
migrations = ["db/migrate", "db/schema.rb"]
secret_files = [".env", ".env.production"]
setting_files = ["/etc/shop.toml"]

[deploy]
kind = "symlink"
root = "/srv/shop"
restart = ["systemctl", "restart", "shop"]
unit = "shop.service"
timeout = 120
settle = 2.5

[[smoke]]
name = "checkout"
url = "https://shop.example/checkout"
method = "post"
body = '{"sku": 1}'
headers = { Accept = "application/json", "X-Probe" = "andon" }
status = [200, 201]
text = "thank you"
expect_headers = { Content-Type = "json" }
json_has = ["order.id"]
json = { "order.paid" = true, "order.total" = 9.5, n = 1, s = "x" }
redirects = 3
ca_file = "ops/ca.pem"
covers = "checkout"
critical = false
timeout = 1.5
max_latency = 800

[[smoke]]
name = "orders"
command = ["ops/buy_ten.py"]
unknown = 75

[[smoke]]
name = "mail"
tcp = "[::1]:25"
tls = true
body = "EHLO x"

[[smoke]]
name = "browser"
playwright = "e2e/shop.spec.ts"
command = ["pnpm", "e2e"]
keep_screenshot = false
keep_trace = true

[[dependency]]
name = "payments"
url = "http://pay.example/health"

[[logs]]
name = "shop"
file = "/var/log/shop.log"
component = "web"

[[logs]]
name = "db"
command = ["journalctl", "-u", "db"]

[[logs]]
name = "pods"
deployer = true
look_back = 0.5

[[known_error]]
signature = "KeyError in shop/cart.py:total"
grouping = 2

[[flag]]
name = "new-checkout"
covers = "checkout"
file = "flags.json"
off = ["ops/flag", "off"]
owner = "Mia"
purpose = "two steps"
default = "off"

[ship]
test = ["./dev", "test"]
setup = ["./dev", "setup"]
timeout = 90
audits = ["pip-audit", "npm audit"]
audit_days = 3

[secrets]
audit_days = 30

[[staging]]
name = "checkout"
url = "https://staging.example/checkout"

[notify]
P0 = ["$ANDON_PAGER", "mailto://boss@example.com"]
P1 = "$ANDON_CHAT"
P2 = []
P3 = ["json://a"]
P4 = ["json://b"]

[people]
on_call = ["Mia"]
seniority = ["Ann", "Bob"]

[review]
postmortems = "notes/pm"
incident_log = "LOG.md"
regressions = "R.md"
action_days = 7

[decision]
quick_fix = 10
slow_fix = 45
near_deployment = 15

[verify]
in_a_row = 5

[trial]
copy_of = "$TRIAL"
production = ["$LIVE", "data/live.db"]
up = ["npx", "knex", "migrate:up", "{revision}"]
down = ["npx", "knex", "migrate:down", "{revision}"]
base = ["npx", "knex", "migrate:latest"]
url = "PG_URL"
python = ["venv/bin/python"]
timeout = 20

[gates]
protected = ["main", "release/*"]
ship_branches = true
severity = "medium"
unscanned = [".sql"]

[[scanner]]
name = "eslint"
command = ["npx", "eslint", "--format", "sarif", "-o", "{output}", "."]
files = "all"
endings = [".js", ".ts"]
canary = { "canary.js" = "eval(name)" }
timeout = 90

[hotfix]
test = ["make", "test"]
build = ["make", "release", "VERSION={version}", "COMMIT={commit}"]
timeout = 60
main = "trunk"

[leak]
public_remotes = ["origin"]
private_remotes = ["team"]

[gap]
suite = ["npx", "playwright", "test"]
directory = "e2e"

[gap.test]
start = ["python3", "-m", "shop"]
dependency = [{ name = "payments", recording = "recordings/payments.json" }]

[gap.prod]
users = 200

[flags]
system = "unleash"
file = "flags.yaml"
server = "https://flags.example.com/"
token = "$FLAGS"
project = "shop"
environment = "production"
confirm = 2
stale_days = 60
report = "states.json"
unscanned = ["vendor/*"]
"""


def read(text: str | bytes, default: str = "somewhere") -> Config:
    content = text.encode() if isinstance(text, str) else text
    return read_config(content, path="/repo/andon.toml", root="/repo", default_service=default)


def complaint(text: str | bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert caught.value.rule == "configuration"
    assert caught.value.remedy
    assert caught.value.where.startswith("/repo/andon.toml")
    return caught.value


def test_every_setting_is_read() -> None:
    assert read(EVERYTHING) == Config(
        service="shop",
        path="/repo/andon.toml",
        root="/repo",
        protocol="docs/INCIDENTS.md",
        words="levels",
        journal="postgresql://desk/andon",
        migrations=("db/migrate", "db/schema.rb"),
        secret_files=(".env", ".env.production"),
        setting_files=("/etc/shop.toml",),
        deploy=DeployConfig(
            kind="symlink",
            root="/srv/shop",
            restart=("systemctl", "restart", "shop"),
            unit="shop.service",
            timeout=120.0,
            settle=2.5,
        ),
        smoke=(
            ProbeConfig(
                name="checkout",
                url="https://shop.example/checkout",
                method="POST",
                body='{"sku": 1}',
                headers=(("Accept", "application/json"), ("X-Probe", "andon")),
                status=(200, 201),
                text="thank you",
                expect_headers=(("Content-Type", "json"),),
                json_has=("order.id",),
                json=(("order.paid", True), ("order.total", 9.5), ("n", 1), ("s", "x")),
                redirects=3,
                ca_file="ops/ca.pem",
                covers="checkout",
                critical=False,
                timeout=1.5,
                max_latency=800,
            ),
            ProbeConfig(name="orders", command=("ops/buy_ten.py",), unknown=(75,)),
            ProbeConfig(name="mail", tcp="[::1]:25", tls=True, body="EHLO x"),
            ProbeConfig(
                name="browser",
                playwright="e2e/shop.spec.ts",
                command=("pnpm", "e2e"),
                keep_screenshot=False,
                keep_trace=True,
                timeout=60.0,
            ),
        ),
        dependencies=(ProbeConfig(name="payments", url="http://pay.example/health"),),
        logs=(
            LogConfig(name="shop", file="/var/log/shop.log", component="web"),
            LogConfig(name="db", command=("journalctl", "-u", "db")),
            LogConfig(name="pods", deployer=True, look_back=0.5),
        ),
        known_errors=(KnownErrorConfig(signature="KeyError in shop/cart.py:total", grouping=2),),
        flags=(
            FlagConfig(
                name="new-checkout",
                covers="checkout",
                file="flags.json",
                off=("ops/flag", "off"),
                owner="Mia",
                purpose="two steps",
                default="off",
            ),
        ),
        ship=ShipConfig(
            test=("./dev", "test"),
            setup=("./dev", "setup"),
            timeout=90.0,
            audits=("pip-audit", "npm audit"),
            audit_days=3,
        ),
        staging=(ProbeConfig(name="checkout", url="https://staging.example/checkout"),),
        notify=NotifyConfig(
            P0=("$ANDON_PAGER", "mailto://boss@example.com"),
            P1=("$ANDON_CHAT",),
            P3=("json://a",),
            P4=("json://b",),
        ),
        people=PeopleConfig(on_call=("Mia",), seniority=("Ann", "Bob")),
        review=ReviewConfig(postmortems="notes/pm", incident_log="LOG.md", regressions="R.md", action_days=7),
        decision=DecisionConfig(quick_fix=10.0, slow_fix=45.0, near_deployment=15.0),
        verify=VerifyConfig(in_a_row=5),
        trial=TrialConfig(
            copy_of="$TRIAL",
            production=("$LIVE", "data/live.db"),
            up=("npx", "knex", "migrate:up", "{revision}"),
            down=("npx", "knex", "migrate:down", "{revision}"),
            base=("npx", "knex", "migrate:latest"),
            url="PG_URL",
            python=("venv/bin/python",),
            timeout=20.0,
        ),
        gates=GatesConfig(
            protected=("main", "release/*"), ship_branches=True, severity="medium", unscanned=(".sql",)
        ),
        scanners=(
            ScannerConfig(
                name="eslint",
                command=("npx", "eslint", "--format", "sarif", "-o", "{output}", "."),
                files="all",
                endings=(".js", ".ts"),
                canary=(("canary.js", "eval(name)"),),
                timeout=90.0,
            ),
        ),
        secrets=SecretsConfig(audit_days=30),
        hotfix=HotfixConfig(
            test=("make", "test"),
            build=("make", "release", "VERSION={version}", "COMMIT={commit}"),
            timeout=60.0,
            main="trunk",
        ),
        leak=LeakConfig(public_remotes=("origin",), private_remotes=("team",)),
        flag_system=FlagSystemConfig(
            system="unleash",
            file="flags.yaml",
            server="https://flags.example.com",
            token="$FLAGS",
            project="shop",
            environment="production",
            confirm=2,
            stale_days=60,
            report="states.json",
            unscanned=("vendor/*",),
        ),
        gap=GapConfig(suite=("npx", "playwright", "test"), directory="e2e"),
        gap_test=WorldConfig(start=("python3", "-m", "shop")),
        gap_prod=WorldConfig(users=200),
        gap_dependencies=(
            GapDependencyConfig(world="test", name="payments", recording="recordings/payments.json"),
        ),
    )


def test_the_example_says_something_other_than_the_default_everywhere() -> None:
    """So that a setting that is not read would be noticed."""
    default, set_ = read(""), read(EVERYTHING)
    assert all(
        getattr(default, f) != getattr(set_, f) for f in default.__fields__ if f not in ("path", "root")
    )
    for part in ("people", "review", "decision", "verify", "ship"):  # those of [deploy]: test_deploy_kinds.py
        mine, theirs = getattr(set_, part), getattr(default, part)
        assert all(getattr(mine, f) != getattr(theirs, f) for f in mine.__fields__), part


def test_nothing_is_required() -> None:
    assert read("") == Config(service="somewhere", path="/repo/andon.toml", root="/repo")


def test_the_plain_form_is_the_same_configuration() -> None:
    for text in ("", EVERYTHING):
        config = read(text)
        assert from_plain(json.loads(json.dumps(to_plain(config)))) == config


# ---- mistakes

ONE = '[[smoke]]\nname = "a"\nurl = "http://x"'
PLACES = [
    ("service = 5", 1, "service must be a text in quotes"),
    ('\n\nwords = "gear"', 3, "words must be one of gears, levels"),
    ('protocol = ["a"]', 1, "protocol must be a text"),
    ('migrations = "x"\nsecret_files = 3', 2, "secret_files must be a list of texts"),
    ('migrations = ["x", 3]', 1, "migrations must be a list of texts"),
    ('deploy = "x"', 1, "deploy must be a table: [deploy]"),
    ('smoke = "x"', 1, "smoke must be a list of tables: [[smoke]]"),
    ('[smoke]\nname = "x"', 1, "smoke must be a list of tables: [[smoke]]"),
    ('servise = "shop"', 1, "servise is not a setting; did you mean service?"),
    ('service = "shop"\nxyzzy = 1', 2, "xyzzy is not a setting; known here: service, protocol"),
    # deploy
    ('[deploy]\nkind = "kubernetes"', 2, "deploy.kind must be one of symlink, command"),
    ('service = "x"\n\n[deploy]\nkind = "symlink"', 3, "deploy.root must be the directory"),
    ('[deploy]\nkind = "command"\n[review]\npostmortems = "x"', 1, "deploy.deploy must be an argument list"),
    ('[deploy]\ndeploy = "./deploy.sh v1"', 2, "there is no shell"),
    (
        '[deploy]\nkind = "symlink"\nroot = "/x"\nrestart = ["a", 3]',
        4,
        "deploy.restart must be a list of texts",
    ),
    ('[deploy]\nrunning = ["a\\u0000b"]', 2, "deploy.running must be free of NUL"),
    ('[deploy]\ntimeout = "long"', 2, "deploy.timeout must be a number"),
    ("[deploy]\ntimeout = true", 2, "deploy.timeout must be a number"),
    ("[deploy]\ntimeout = 0", 2, "deploy.timeout must be at least 0.1"),
    ("[deploy]\ntimeout = nan", 2, "deploy.timeout must be a number"),
    ("[deploy]\ntimeout = inf", 2, "deploy.timeout must be a number"),
    ("[deploy]\nsettle = -1", 2, "deploy.settle must be at least 0"),
    ('[deploy]\nrelase = "x"', 2, "deploy.relase is not a setting; did you mean release?"),
    # smoke tests and dependencies
    ('[[smoke]]\nurl = "http://x"', 1, "smoke.name is required"),
    ('[[smoke]]\nname = " "\nurl = "http://x"', 2, "smoke.name must be a few printable characters"),
    ('[[smoke]]\nname = "a\\u001b[2J"\nurl = "http://x"', 2, "smoke.name must be a few printable characters"),
    ('[[smoke]]\nname = "a"', 1, "smoke.url must be given, or else tcp"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\ncommand = ["x"]', 3, "exactly one of them"),
    ('[[smoke]]\nname = "a"\nurl = "file:///etc/passwd"', 3, "an http:// or https:// address"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\nstatus = "200"', 4, "a whole number or a list"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\nstatus = [200, true]', 4, "a whole number or a list"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\ncritical = "yes"', 4, "smoke.critical must be true or false"),
    (
        '[[smoke]]\nname = "a"\nurl = "http://x"\nheaders = { X = 1 }',
        4,
        "smoke.headers must be a table of texts",
    ),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\n[smoke.headers]\nX = 1', 4, "smoke.headers must be a table"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\ntimeout = 0.01', 4, "smoke.timeout must be at least 0.05"),
    (
        f'{ONE}\n[[smoke]]\nname = "b"\nurl = "http://x"\n[[smoke]]\nname = "a"\nurl = "http://y"',
        8,
        "smoke.name must be unique; 'a' is used twice",
    ),
    (
        f'{ONE}\n\n[[smoke]] # second\nname = "b"\nurl = "http://x"\ncolour = 1',
        8,
        "smoke.colour is not a setting",
    ),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\ntcp = "x:1"', 3, "exactly one of them"),
    ('[[smoke]]\nname = "a"\nplaywright = "x"\ntcp = "x:1"', 1, "exactly one of them"),
    ('[[smoke]]\nname = "a"\nplaywright = "--ui"', 3, "smoke.playwright must be a test file"),
    ('[[smoke]]\nname = "a"\ncommand = ["x"]\nstatus = 200', 4, "it is for url, and this is a command"),
    ('[[smoke]]\nname = "a"\ntcp = "x:1"\njson = { a = 1 }', 4, "smoke.json must be left out"),
    ('[[smoke]]\nname = "a"\nplaywright = "x"\nunknown = 5', 4, "it is for command"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\ntls = true', 4, "it is for tcp, and this is a url"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\njson = { a = [1] }', 4, "a table of texts, numbers, and true"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\njson = { a = inf }', 4, "a table of texts, numbers, and true"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\nredirects = 21', 4, "a whole number from 0 to 20"),
    ('[[smoke]]\nname = "a"\nurl = "http://x"\nredirects = true', 4, "a whole number from 0 to 20"),
    *(
        (f'[[smoke]]\nname = "a"\ntcp = "{place}"', 3, "smoke.tcp must be a host and a port")
        for place in (
            "x",
            "x:",
            ":1",
            "x:0",
            "x:65536",
            "x:1/",
            "::1:25",
            "a b:1",
            "me@x:1",
            "tcp://x:1",
            "[]:1",
        )
    ),
    ('[[dependency]]\nname = "a"\nurl = 7', 3, "dependency.url must be a text"),
    # known errors
    ("[[known_error]]\ngrouping = 2", 1, "known_error.signature is required"),
    (
        '[[known_error]]\nsignature = "a"\n[[known_error]]\nsignature = "a"',
        4,
        "known_error.signature must be unique; 'a' is used twice",
    ),
    # logs
    ('[[logs]]\nname = "a"', 1, "logs.file must be given, or else command or deployer"),
    ('[[logs]]\nname = "a"\nfile = "x"\ncommand = ["x"]', 3, "exactly one of the three"),
    ('[[logs]]\nname = "a"\nfile = "x"\ndeployer = true', 3, "exactly one of the three"),
    ('[[logs]]\nname = "a"\nfile = "/var/*/x.log"', 3, "a path whose last part only is a pattern"),
    ('[[logs]]\nname = "a"\nfile = "x"\nlook_back = 65', 4, "logs.look_back must be at most 64"),
    ('[[logs]]\nname = "a"\nfile = "x"\nlook_back = 0', 4, "logs.look_back must be at least 0.0625"),
    ('[[logs]]\nname = "a"\nfile = "x"\n[[logs]]\nname = "a"\nfile = "y"', 5, "logs.name must be unique"),
    # flags
    ('[[flag]]\ncovers = "a"', 1, "flag.name is required"),
    ('[[flag]]\nname = "a"\n[[flag]]\nname = "a"', 4, "flag.name must be unique"),
    ('[[flag]]\nname = "a"\noff = "x y"', 3, "flag.off must be an argument list"),
    ('[[flag]]\nname = "a"\ndefault = "maybe"', 3, "flag.default must be one of on, off"),
    # ship
    ('[ship]\ntest = "make test"', 2, "ship.test must be an argument list"),
    ('[ship]\nsetup = ["x"]', 2, "ship.setup must be given together with test"),
    ("[ship]\naudit_days = 0", 2, "ship.audit_days must be a whole number from 1 to 90"),
    ('[[staging]]\nname = "a"', 1, "staging.url must be given"),
    (
        '[[staging]]\nname = "a"\ntcp = "h:1"\n[[staging]]\nname = "a"\ntcp = "h:1"',
        5,
        "staging.name must be unique",
    ),
    ("[secrets]\naudit_days = 0", 2, "secrets.audit_days must be a whole number from 1 to 366"),
    # the rest
    ('[notify]\nP0 = { a = "b" }', 2, "notify.P0 must be a list of texts"),
    ('[notify]\nP5 = ["x"]', 2, "notify.P5 is not a setting; known here: P0, P1"),
    ("[people]\non_call = 5", 2, "people.on_call must be a list of texts"),
    ("[review]\naction_days = 0", 2, "review.action_days must be at least 1"),
    ("[review]\naction_days = inf", 2, "review.action_days must be a number"),
    ('[decision]\nquick_fix = "30 min"', 2, "decision.quick_fix must be a number"),
    ('migrations = ["/srv/db"]', 1, "migrations must be a directory or file in the repository"),
    ('migrations = ["db", "../other"]', 1, "migrations must be a directory or file in the repository"),
    ("[verify]\nin_a_row = 0", 2, "verify.in_a_row must be a whole number from 1 to 100"),
    # tables written in other ways
    ('deploy.kind = "x"', 1, "deploy.kind must be one of"),
    ('service = "x"\ndeploy = { kind = "x" }', 2, "deploy.kind must be one of"),
    ('service = "x"\n[ deploy ] # how\nkind = "x"', 3, "deploy.kind must be one of"),
    ('"service" = 5', 1, "service must be a text"),
    ('[review]\npostmortems = "service = 5"\n[deploy]\nservice = 5', 4, "deploy.service is not a setting"),
]


@pytest.mark.parametrize(("text", "line", "said"), PLACES, ids=[p[2][:50] for p in PLACES])
def test_a_mistake_is_named_with_its_line(text: str, line: int, said: str) -> None:
    problem = complaint(text)
    assert said in problem.message
    assert problem.where == f"/repo/andon.toml:{line}"


@pytest.mark.parametrize(
    ("content", "where", "said"),
    [
        (b"service = shop", ":1", "this is not TOML"),
        (b'service = "shop"\n\n[deploy\n', ":3", "this is not TOML"),
        (b'service = "a"\nservice = "b"', ":2", "this is not TOML"),
        (b'service = "shop', ":1", "this is not TOML"),
        (b'service = "sh\xffop"', ":1", "the file is not UTF-8 text"),
        (b'# ok\n# ok\nservice = "\xc3"', ":3", "the file is not UTF-8 text"),
        (b"\x00\x01\x02", ":1", "this is not TOML"),
        (b"\x80binary\n", ":1", "the file is not UTF-8 text"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(content: bytes, where: str, said: str) -> None:
    problem = complaint(content)
    assert problem.message.startswith(said)
    assert problem.where == f"/repo/andon.toml{where}"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "../etc",
        "a/b",
        "a\\b",
        ".hidden",
        "..",
        "a\0b",
        "a\nb",
        "a\x1b[2Jb",
        "a\x7fb",
        "a\u202eb",
        "x" * 101,
        "é" * 51,
    ],
)
def test_a_hostile_service_name_is_refused(name: str) -> None:
    quoted = json.dumps(name).replace("\x7f", "\\u007f")
    problem = complaint(f"# one\nservice = {quoted}\n")
    assert "service must be a short printable name" in problem.message
    assert problem.where.endswith(":2")


@pytest.mark.parametrize("name", ["shop", "my shop", "shop-2.0", "läden", "x" * 100])
def test_an_ordinary_service_name_is_taken(name: str) -> None:
    assert read(f'service = "{name}"').service == name


def test_the_name_of_the_directory_is_checked_too() -> None:
    with pytest.raises(InvalidInput):
        read("", default=".git")


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_configuration_or_a_complaint(text: str) -> None:
    try:
        read(text.encode("utf-8", "surrogatepass"))
    except InvalidInput as problem:
        assert problem.where.startswith("/repo/andon.toml") and problem.remedy


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-5, 5),
    st.floats(),
    st.text(max_size=6),
    st.lists(st.integers(0, 3), max_size=2),
)
KEYS = (
    "service", "protocol", "words", "journal", "migrations", "secret_files", "deploy", "smoke", "logs",
    "people", "notify", "review", "decision", "dependency", "name", "url", "kind", "timeout", "P0", "other",
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(KEYS), SCALARS | st.dictionaries(st.sampled_from(KEYS), SCALARS), max_size=5
    )
)
@settings(max_examples=200, deadline=None)
def test_any_values_are_a_configuration_or_a_complaint(values: dict[str, object]) -> None:
    def toml(value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            return json.dumps(value).replace("\x7f", "\\u007f")
        if isinstance(value, list):
            return f"[{', '.join(map(toml, value))}]"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + "}"
        return str(value)

    text = "\n".join(f"{key} = {toml(value)}" for key, value in values.items())
    try:
        read(text.encode("utf-8", "surrogatepass"))
    except InvalidInput as problem:
        place, _, line = problem.where.rpartition(":")
        assert place == "/repo/andon.toml" and 1 <= int(line) <= len(values) + 1


@pytest.mark.parametrize("name", ["", "-x", "refs/heads/main", "a b", "a\tb"])
def test_a_protected_branch_is_called_as_branches_are(name: str) -> None:
    import json

    assert "protected" in str(complaint(f"[gates]\nprotected = [{json.dumps(name)}]"))


@pytest.mark.parametrize(
    "text",
    [
        '[gates]\nseverity = "loud"',
        '[gates]\nunscanned = ["sql"]',
        '[gates]\nunscanned = ["src/x.sql"]',
        '[[scanner]]\nname = "x"',
        '[[scanner]]\nname = "x"\ncommand = ["scan"]',
        '[[scanner]]\nname = "x"\ncommand = ["{output}"]',
        '[[scanner]]\nname = "x"\ncommand = ["scan", "{output}"]\nfiles = "some"',
        '[[scanner]]\nname = "x"\ncommand = ["scan", "{output}"]\nendings = ["py"]',
        '[[scanner]]\nname = "x"\ncommand = ["scan", "{output}"]\ncanary = { "../x" = "y" }',
        '[[scanner]]\nname = "x"\ncommand = ["a", "{output}"]\n' * 2,
    ],
)
def test_a_gate_or_scanner_that_would_be_ignored_is_refused(text: str) -> None:
    complaint(text)


def test_a_remote_is_not_public_and_private() -> None:
    with pytest.raises(InvalidInput, match="private_remotes"):
        read('[leak]\npublic_remotes = ["origin"]\nprivate_remotes = ["origin"]\n')
