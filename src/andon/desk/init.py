"""Writing the first `andon.toml`: what is found is filled in, what is not is shown as a comment."""

from __future__ import annotations

import os

from andon.config.load import NAME
from andon.desk.deploy_hints import Hint, deploy_hints
from andon.desk.flags.files import find_flag_files, runs_flagd
from andon.errors import Refused, Unavailable
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_PROTOCOLS = ("INCIDENTS.md", "docs/INCIDENTS.md", "docs/incidents.md", ".github/INCIDENTS.md", "RUNBOOK.md")
_REGRESSIONS = (
    "Engineering/Solutions/Regressions.md",
    "docs/regressions.md",
    "docs/Regressions.md",
    "Regressions.md",
    "REGRESSIONS.md",
)
_MIGRATIONS = (
    "migrations",
    "db/migrate",
    "alembic/versions",
    "prisma/migrations",
    "supabase/migrations",
    "drizzle",
)
_DEPLOYS = (
    "deploy.sh",
    "bin/deploy",
    "script/deploy",
    "scripts/deploy.sh",
    "scripts/deploy",
    "tools/deploy.sh",
)
_SMOKES = ("bin/smoke", "smoke.sh", "scripts/smoke.sh", "scripts/smoke", "tests/smoke.sh", "script/smoke")
_TESTS = (
    "bin/test",
    "script/test",
    "scripts/test",
    "scripts/test.sh",
    "test.sh",
    "run-tests.sh",
    "bin/rspec",
)
#: A file of a project, and what its tests are run with.
_RUNNERS = (
    ("tox.ini", ("tox",)),
    ("noxfile.py", ("nox",)),
    ("pytest.ini", ("python", "-m", "pytest")),
    ("conftest.py", ("python", "-m", "pytest")),
    ("manage.py", ("python", "manage.py", "test")),
    ("Cargo.toml", ("cargo", "test")),
    ("go.mod", ("go", "test", "./...")),
    ("package.json", ("npm", "test")),
    ("mvnw", ("./mvnw", "test")),
    ("gradlew", ("./gradlew", "test")),
    ("mix.exs", ("mix", "test")),
    ("pyproject.toml", ("python", "-m", "pytest")),
)
_LOGS = ("log", "logs", "var/log")


class Found(Record):
    """What the repository says about its service."""

    service: str
    protocol: str = ""
    regressions: str = ""
    migrations: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    #: A release directory: holds `releases/` and `current`.
    release_root: str = ""
    deploy: str = ""
    #: Deployers that files speak for, the surest first.
    hints: tuple[Hint, ...] = ()
    smoke: str = ""
    logs: tuple[str, ...] = ()
    port: str = ""
    #: Argument list that seems to run all tests.
    test: tuple[str, ...] = ()
    #: Files of feature flags in flagd's format, and whether flagd itself is seen to read them.
    flags: tuple[str, ...] = ()
    flagd: bool = False


def detect(root: str, service: str) -> Found:
    """Look at the repository's files; nothing is run."""
    return Found(
        service=service,
        protocol=_first(root, _PROTOCOLS),
        regressions=_first(root, _REGRESSIONS),
        migrations=tuple(d for d in _MIGRATIONS if os.path.isdir(os.path.join(root, d))),
        env_files=_env_files(root),
        release_root=_release_root(root),
        deploy=_first(root, _DEPLOYS, executable=True),
        hints=deploy_hints(root, service),
        smoke=_first(root, _SMOKES, executable=True),
        logs=_logs(root),
        port=_port(root),
        test=_test(root),
        flags=(flags := find_flag_files(root)),
        flagd=bool(flags) and runs_flagd(root),
    )


def _first(root: str, names: Sequence[str], *, executable: bool = False) -> str:
    for name in names:
        path = os.path.join(root, name)
        if os.path.isfile(path) and (not executable or os.access(path, os.X_OK)):
            return name
    return ""


def _names(path: str) -> list[str]:
    try:
        return sorted(
            name for name in os.listdir(path) if name.isprintable()
        )  # TOML has no word for the others
    except OSError:
        return []


def _env_files(root: str) -> tuple[str, ...]:
    found = tuple(
        name
        for name in _names(root)
        if (name == ".env" or name.startswith(".env."))
        and not name.endswith((".example", ".sample", ".template", ".dist"))
        and os.path.isfile(os.path.join(root, name))
    )
    return found or (".env",)


def _release_root(root: str) -> str:
    for place in (root, os.path.dirname(root), os.path.join(root, "deploy")):
        if os.path.isdir(os.path.join(place, "releases")) and os.path.islink(os.path.join(place, "current")):
            return os.path.relpath(place, root)
    return ""


def _logs(root: str) -> tuple[str, ...]:
    found = [
        f"{directory}/{name}"
        for directory in _LOGS
        for name in _names(os.path.join(root, directory))
        if name.endswith(".log") and os.path.isfile(os.path.join(root, directory, name))
    ]
    return tuple(found[:5])


def _test(root: str) -> tuple[str, ...]:
    """Return what runs the tests of a project with such files; () where nothing speaks for any."""
    script = _first(root, _TESTS, executable=True)
    if script:
        return (f"./{script}",)
    return next((argv for name, argv in _RUNNERS if os.path.isfile(os.path.join(root, name))), ())


def _port(root: str) -> str:
    """Return the port that an example environment file or a Procfile names."""
    for name in (".env.example", ".env.sample", "Procfile", "docker-compose.yml", "compose.yaml"):
        try:
            with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
                text = file.read(65536)
        except OSError:
            continue
        for line in text.splitlines():
            key, _, value = line.strip().lstrip("- ").strip("\"'").partition("=")
            if key.strip() == "PORT" and value.strip().isdigit():
                return value.strip()
            host, _, inner = line.strip().lstrip("- ").strip("\"'").partition(":")
            if host.isdigit() and inner.isdigit():
                return host
    return ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04X}" for c in escaped) + '"'


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(v) for v in values) + "]"


def _set(name: str, value: str, found: bool) -> str:
    return f"{name} = {value}" if found else f"# {name} = {value}"


def write_text(found: Found) -> str:
    """Return the file's text; it is valid as it stands."""
    return "\n".join(
        (
            "# What Andon knows about this service. Every setting: Andon's docs/reference/configuration.md.",
            "# Check it with: andon doctor",
            "",
            f"service = {_quoted(found.service)}",
            _set("protocol", _quoted(found.protocol or "INCIDENTS.md"), bool(found.protocol))
            + "   # your own incident document; without it the built-in one",
            '# words = "levels"   # show L0-L3 instead of the gears',
            _set("migrations", _list(found.migrations or ("db/migrations",)), bool(found.migrations)),
            f"secret_files = {_list(found.env_files)}   # their values are redacted everywhere",
            "",
            *_deploy_text(found),
            "",
            *_smoke_text(found),
            "",
            *_log_text(found),
            "",
            "# What production depends on: if one of these is down, a rollback will not help.",
            "# [[dependency]]",
            '# name = "payments"',
            '# url = "https://status.example.com/health"',
            "",
            *_ship_text(found),
            "",
            *_flag_text(found),
            "",
            *_GATES,
            "",
            "# Who is told, by severity: Apprise addresses, or $NAME for one in the environment.",
            "# [notify]",
            '# P0 = ["$ANDON_NOTIFY_URL"]',
            '# P1 = ["$ANDON_NOTIFY_URL"]',
            "",
            "# Who decides: names as git knows them (or ANDON_ACTOR).",
            "# [people]",
            '# on_call = ["Mia Example"]',
            '# seniority = ["Ann Example", "Bob Example"]   # most senior first',
            "",
            "[review]",
            'postmortems = "docs/postmortems"',
            _set("incident_log", _quoted(found.protocol or "INCIDENTS.md"), bool(found.protocol)),
            _set("regressions", _quoted(found.regressions or "docs/regressions.md"), bool(found.regressions)),
            "",
        )
    )


def _deploy_text(found: Found) -> list[str]:
    lines = ["# How versions get into production. Argument lists: there is no shell."]
    if found.release_root:
        return [
            *lines,
            "[deploy]",
            'kind = "symlink"   # releases/<version> and the link current',
            f"root = {_quoted(found.release_root)}",
            f'# restart = ["systemctl", "restart", {_quoted(found.service)}]',
        ]
    if found.deploy:
        return [
            *lines,
            "[deploy]",
            'kind = "command"',
            f'deploy = [{_quoted("./" + found.deploy)}, "{{version}}"]',
            '# releases = ["./list-releases"]   # one version a line, or JSON lines',
            '# running = ["./running-version"]',
        ]
    if found.hints:
        return [*lines, *_hint_text(found.hints)]
    return [
        *lines,
        "# [deploy]",
        '# kind = "command"',
        '# deploy = ["./deploy.sh", "{version}"]',
        '# running = ["./running-version"]',
        '# or: kind = "symlink", root = "/srv/shop", restart = ["systemctl", "restart", "shop"]',
    ]


def _hint_text(hints: tuple[Hint, ...]) -> list[str]:
    """Return the surest deployer as a comment: that a file is there does not say that it is used."""
    first, *others = hints
    lines = [f"# {first.file} is here: remove the # if that is how you deploy.", "# [deploy]"]
    lines.append(f"# kind = {_quoted(first.kind)}")
    lines += [f"# {name} = {_quoted(value)}" for name, value in first.settings]
    if others:
        named = ", ".join(f"{hint.kind} ({hint.file})" for hint in others)
        lines.append(f"# also possible: {named}")
    return lines


def _smoke_text(found: Found) -> list[str]:
    lines = ["# Smoke tests: what must work, or you are in trouble."]
    if found.smoke:
        lines += ["[[smoke]]", 'name = "smoke"', f"command = [{_quoted('./' + found.smoke)}]", ""]
    port = found.port or "8000"
    return [
        *lines,
        "# [[smoke]]",
        '# name = "health"',
        f'# url = "http://127.0.0.1:{port}/health"',
        "# status = 200",
        '# covers = "web"',
    ]


def _ship_text(found: Found) -> list[str]:
    """Return what a release has to prove, as a comment: a guess would be run as if somebody meant it."""
    return [
        "# What a commit has to prove before it is shipped (andon ship check)",
        "# [ship]",
        f"# test = {_list(found.test or ('./run-all-tests',))}   # all tests; run in a checkout of its own",
        '# setup = ["./install-what-the-tests-need"]',
        "",
        "# Smoke tests of staging; the same settings as [[smoke]].",
        "# [[staging]]",
        '# name = "health"',
        '# url = "https://staging.example.com/health"',
        "",
        "# Feature flags: a new one must be off by default, with an owner and a purpose.",
        "# [[flag]]",
        '# name = "new-checkout"',
        '# owner = "Mia Example"',
        '# purpose = "checkout in two steps"',
        '# default = "off"',
    ]


def _flag_text(found: Found) -> list[str]:
    """Return where the feature flags are, as a comment: a file with flags in it may be nobody's any more."""
    first = found.flags[0] if found.flags else "flags.json"
    lines = ["# Where feature flags are defined and turned off (andon flags)"]
    if found.flags:
        lines = [f"# {first} is here: remove the # if your feature flags are in it (andon flags)."]
    system = "file" if found.flagd else "andon"
    reader = "flagd reads the file" if found.flagd else 'or "file" when flagd, or somebody else, reads it'
    lines += ["# [flags]", f'# system = "{system}"   # {reader}', f"# file = {_quoted(first)}"]
    if not found.flagd:
        lines += [
            '# # server = "http://127.0.0.1:8014"   # andon flags serve: reaches every machine',
            '# # token = "$ANDON_FLAGS_TOKEN"   # where the server asks for one',
        ]
    lines.append('# # calls = ["is_on"]   # functions of your own that ask for a flag (andon flags lint)')
    beside = "" if found.flagd else f"; {first}.overrides.json*: kills, where there is no server"
    lines.append(f"# # Into .gitignore: .andon-flag-states.json: what the tests ran with{beside}")
    if len(found.flags) > 1:
        lines.append(f"# also here: {', '.join(found.flags[1:])}")
    return lines


#: What the gates and a hotfix can be told, as a comment; read by nobody until the # is taken out.
_GATES = (
    "# Branches that only a hotfix may reach while a P0 or P1 is open (andon gate)",
    "# [gates]",
    '# protected = ["main", "release/*"]   # without it the default branch',
    "",
    "# What shows that a hotfix cures the failure, and what makes it deployable (andon hotfix)",
    "# [hotfix]",
    '# test = ["./run-the-test-of-the-failure"]   # fails without the fix, passes with it',
    '# build = ["./build", "{version}"]',
    "",
    "# Programs that look for weaknesses in code and write SARIF; Python is looked at without one.",
    "# [[scanner]]",
    '# name = "eslint"',
    '# command = ["npx", "eslint", "--format", "@microsoft/eslint-formatter-sarif", "-o", "{output}", "."]',
    '# endings = [".js", ".ts"]',
)


def _log_text(found: Found) -> list[str]:
    lines = ["# Logs: their end is kept as evidence, and read after every change."]
    if not found.logs:
        return [*lines, "# [[logs]]", '# name = "app"', '# file = "/var/log/app.log"']
    stems = [os.path.basename(path).removesuffix(".log") for path in found.logs]
    for path, stem in zip(found.logs, stems, strict=True):
        name = stem if stem.strip() and stems.count(stem) == 1 else path
        lines += ["[[logs]]", f"name = {_quoted(name)}", f"file = {_quoted(path)}", ""]
    return lines[:-1]


def write_config(root: str, text: str) -> str:
    """Create `andon.toml`; raises Refused when there is one: it is never overwritten."""
    path = os.path.join(root, NAME)
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as problem:
        raise Refused(
            "there is one already, and it is never overwritten",
            where=path,
            rule="init",
            remedy="andon doctor; or andon init --print to see what would be written",
        ) from problem
    except OSError as problem:
        raise Unavailable(
            f"it cannot be written: {problem.strerror}",
            where=path,
            rule="init",
            remedy="check the permissions",
        ) from problem
    return path
