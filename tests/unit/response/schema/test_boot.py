"""What the older release runs when it starts, and whether that ends well on a newer schema."""

from __future__ import annotations

import json

import pytest

from andon.incident.words import Verdict
from andon.response.schema.boot import check_boot, find_steps, is_boot_file
from andon.response.schema.from_within import FILES_WITHIN
from andon.response.schema.layouts import Framework
from andon.response.schema.runners import RUNNERS

YES, NO, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN


def package(**scripts: str) -> str:
    """A package.json with these scripts; `__` in a name stands for `:`."""
    return json.dumps({"scripts": {k.replace("__", ":"): v for k, v in scripts.items()}}, indent=2)


@pytest.mark.parametrize(
    ("framework", "command", "verdict"),
    [
        (Framework.ALEMBIC, "alembic upgrade head", NO),
        (Framework.ALEMBIC, "python -m alembic -c db.ini upgrade heads", NO),
        (Framework.ALEMBIC, "flask db upgrade", NO),
        (Framework.ALEMBIC, "python manage.py db upgrade", NO),
        (Framework.KNEX, "npx knex migrate:latest --env production", NO),
        (Framework.GOLANG_MIGRATE, "migrate -path db -database $DATABASE_URL up", NO),
        (Framework.GOLANG_MIGRATE, "/bin/migrate -source file://db -database x up 1", NO),
        (Framework.DJANGO, "python manage.py migrate --noinput", YES),
        (Framework.PRISMA, "npx prisma migrate deploy", YES),
        (Framework.PRISMA, "npx prisma db push", UNKNOWN),
        (Framework.TYPEORM, "npx typeorm-ts-node-commonjs migration:run -d src/db.ts", YES),
        (Framework.SEQUELIZE, "npx sequelize-cli db:migrate", YES),
        (Framework.NODE_PG_MIGRATE, "node-pg-migrate up", YES),
        (Framework.DRIZZLE, "drizzle-kit migrate", YES),
        (Framework.DRIZZLE, "drizzle-kit push", UNKNOWN),
        (Framework.FLYWAY, "flyway migrate", YES),
        (Framework.FLYWAY, "flyway -ignoreMigrationPatterns='*:missing' migrate", UNKNOWN),
        (Framework.LIQUIBASE, "liquibase --changelog-file=x update", YES),
        (Framework.GOOSE, "goose -dir db postgres $URL up", YES),
        (Framework.DBMATE, "dbmate --wait up", YES),
        (Framework.YOYO, "yoyo apply", YES),
        (Framework.RAILS, "bundle exec rails db:migrate", YES),
        (Framework.SQL, "./migrate.sh", UNKNOWN),
        (Framework.ALEMBIC, "python -m shop.migrations", UNKNOWN),
    ],
)
def test_each_runner_at_the_start(framework: Framework, command: str, verdict: Verdict) -> None:
    files = {"Procfile": f"web: gunicorn shop\nrelease: {command}\n"}
    found = check_boot([framework], files)
    assert found.verdict is verdict, found
    assert "Procfile:2" in found.reason or verdict is YES


def test_every_framework_with_a_runner_has_an_answer() -> None:
    for runner in RUNNERS:
        assert check_boot([runner.framework], {}).verdict in (YES, UNKNOWN)
    for framework in Framework:
        assert check_boot([framework], {"Procfile": "web: x"}).reason


@pytest.mark.parametrize(
    "files",
    [
        {"Procfile": "release: alembic upgrade head\n"},
        {"Dockerfile": 'FROM python\nRUN pip install alembic\nCMD ["alembic", "upgrade", "head"]\n'},
        {"Dockerfile": "FROM python\nENTRYPOINT alembic upgrade head && gunicorn shop\n"},
        {"docker/entrypoint.sh": "#!/bin/sh\nset -e\nalembic upgrade head\nexec gunicorn shop\n"},
        {"docker-compose.yml": "services:\n  web:\n    command: sh -c 'alembic upgrade head && gunicorn'\n"},
        {"compose.yaml": 'services:\n  web:\n    command: ["alembic", "upgrade", "head"]\n'},
        {"fly.toml": '[deploy]\n  release_command = "alembic upgrade head"\n'},
        {"app.json": '{"scripts": {"postdeploy": "alembic upgrade head"}}'},
        {"heroku.yml": "release:\n  command:\n    - alembic upgrade head\n"},
        {"charts/shop/templates/hook.yaml": 'args: ["alembic", "upgrade", "head"]\n'},
        {"k8s/job.yml": "command: [sh, -c, 'alembic upgrade head']\n"},
        {"package.json": package(start="alembic upgrade head && node x")},
        {
            "Procfile": "release: bin/release-tasks\n",
            "bin/release-tasks": "#!/bin/sh\nalembic upgrade head\n",
        },
        {"Dockerfile": "CMD ./scripts/run.sh\n", "scripts/run.sh": "alembic upgrade head\n"},
        {"Procfile": "web: bin/a\n", "bin/a": "bin/b\n", "bin/b": "alembic upgrade head\n"},
    ],
)
def test_the_places_where_it_is_looked_for(files: dict[str, str]) -> None:
    assert all(is_boot_file(path) for path in files)
    assert check_boot([Framework.ALEMBIC], files).verdict is NO


@pytest.mark.parametrize(
    "files",
    [
        {"Procfile": "web: gunicorn shop\n# release: alembic upgrade head\n"},
        {"Dockerfile": "FROM python\nRUN alembic upgrade head\nCMD gunicorn shop\n"},
        {"Dockerfile": "FROM python\nRUN true && \\\n    alembic upgrade head\nCMD gunicorn shop\n"},
        {"package.json": package(start="node server.js", by_hand="alembic upgrade head")},
        {"Procfile": "web: bundle exec puma\n# bin/update\n", "bin/update": "alembic upgrade head\n"},
        {"compose.yml": "db:\n  volumes:\n    - ./db/post-migrations.sql:/post-migrations.sql:z\n"},
        {"Procfile": "web: gunicorn\n", "scripts/by-hand.sh": "alembic upgrade head\n"},
    ],
)
def test_what_is_not_run_at_the_start(files: dict[str, str]) -> None:
    assert find_steps(files) == []
    assert check_boot([Framework.ALEMBIC], files).verdict is YES


def test_scripts_of_a_package_are_followed() -> None:
    files = {
        "package.json": package(start="node x", db="npm run migrate", migrate="knex migrate:latest"),
        "Dockerfile": "CMD npm run db && npm start\n",
    }
    found = check_boot([Framework.KNEX], files)
    assert found.verdict is NO and "Dockerfile:1" in found.reason


def test_without_any_file_nobody_knows() -> None:
    assert check_boot([Framework.ALEMBIC], {}).verdict is UNKNOWN
    assert check_boot([Framework.DJANGO], {}).verdict is YES, (
        "however it starts, Django leaves newer ones alone"
    )


def test_a_library_that_migrates_from_within_is_not_seen() -> None:
    assert check_boot([Framework.GOLANG_MIGRATE], {"Dockerfile": "CMD ./shop\n"}).verdict is UNKNOWN


ALEMBIC = "from alembic import command\ncommand.upgrade(cfg, 'head')\n"
GOLANG = 'import "github.com/golang-migrate/migrate/v4"\nm := migrate.New(a)'
FLYWAY = 'flyway:\n  ignore-migration-patterns: "*:missing"\n'
STARTS = {"Dockerfile": "CMD ./shop\n"}


@pytest.mark.parametrize(
    ("framework", "path", "text", "verdict"),
    [
        (
            Framework.ALEMBIC,
            "shop/main.py",
            "from alembic import command\ncommand.upgrade(cfg, 'head')\n",
            NO,
        ),
        (Framework.ALEMBIC, "shop/db.py", "import alembic\nalembic.command.upgrade(cfg, 'head')\n", UNKNOWN),
        (Framework.ALEMBIC, "shop/db.py", "import alembic.config\nalembic.config.main(argv=a)\n", UNKNOWN),
        (Framework.ALEMBIC, "app.py", "subprocess.run(['alembic', 'upgrade', 'head'])\n", NO),
        (Framework.ALEMBIC, "app.py", "log.error('run alembic upgrade head first')\n", UNKNOWN),
        (Framework.ALEMBIC, "app.py", "from flask_migrate import Migrate, upgrade\nupgrade()\n", NO),
        (Framework.ALEMBIC, "app.py", "from flask_migrate import upgrade as up\nup(x)\n", NO),
        (Framework.ALEMBIC, "app.py", "from flask_migrate import Migrate\nupgrade()\n", YES),
        (Framework.ALEMBIC, "shop/db.py", "# alembic: command.upgrade(cfg, 'head')\n", YES),
        (Framework.ALEMBIC, "shop/db.py", "self.command.upgrade(cfg)\n", YES),
        (Framework.ALEMBIC, "tests/test_db.py", "import alembic\ncommand.upgrade(cfg, 'head')\n", YES),
        (Framework.ALEMBIC, "shop/versions/1.py", "import alembic\ncommand.upgrade(cfg, 'head')\n", YES),
        (Framework.KNEX, "src/index.ts", "const k = knex(c);\nawait k.migrate.latest();\n", NO),
        (Framework.KNEX, "src/db.js", "require('knex')(c).migrate.up();\n", UNKNOWN),
        (
            Framework.GOLANG_MIGRATE,
            "main.go",
            'import "github.com/golang-migrate/migrate/v4"\nm := migrate.New(a)',
            NO,
        ),
        (
            Framework.FLYWAY,
            "src/main/application.yml",
            'flyway:\n  ignore-migration-patterns: "*:missing"\n',
            UNKNOWN,
        ),
        (
            Framework.DJANGO,
            "shop/main.py",
            "from alembic import command\ncommand.upgrade(cfg, 'head')\n",
            YES,
        ),
    ],
)
def test_calls_from_within(framework: Framework, path: str, text: str, verdict: Verdict) -> None:
    found = check_boot([framework], STARTS, {path: text})
    assert found.verdict is verdict, found
    if verdict is not YES and framework is not Framework.GOLANG_MIGRATE:
        assert f"{path}:{text.rstrip().count(chr(10)) + 1} has `" in found.reason


def test_where_the_program_begins_counts_most() -> None:
    call = "import alembic\nalembic.command.upgrade(cfg, 'head')\n"
    found = check_boot([Framework.ALEMBIC], STARTS, {"a/cli.py": call, "z/__main__.py": call})
    assert found.verdict is NO and found.reason.startswith("z/__main__.py:2 has")


def test_too_many_files_to_look_into_are_unknown() -> None:
    many = {f"shop/{n}.py": "x" for n in range(FILES_WITHIN + 1)}
    assert check_boot([Framework.ALEMBIC], STARTS, many).verdict is UNKNOWN


def test_the_worst_of_several_frameworks_counts() -> None:
    files = {"Procfile": "release: python manage.py migrate && alembic upgrade head\n"}
    assert check_boot([Framework.DJANGO, Framework.ALEMBIC], files).verdict is NO


@pytest.mark.parametrize(
    "text", ["[1, 2]", "{", '{"scripts": 1}', '{"scripts": {"start": 1}}', "[" * 100_000]
)
def test_a_package_that_is_none(text: str) -> None:
    assert find_steps({"package.json": text}) == []


@pytest.mark.parametrize(
    "path", ["shop/cart.py", "node_modules/x/package.json", "a/b/c/d/e/f/g/Procfile", "README.md"]
)
def test_what_is_no_boot_file(path: str) -> None:
    assert not is_boot_file(path)
