"""Alembic migrations, judged by their syntax tree alone."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.schema.judge import Judgement, judge
from andon.response.schema.layouts import Framework, read_layout

YES, NO, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN
HEAD = """from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "b"
down_revision = "a"
"""


def migration(up: str, down: str | None = "pass", head: str = "") -> str:
    """Return a migration with these bodies."""

    def body(name: str, text: str) -> str:
        return f"def {name}():\n" + "".join(f"    {line}\n" for line in text.splitlines())

    return f"{HEAD}{head}\n{body('upgrade', up)}\n" + ("" if down is None else body("downgrade", down))


def judged(text: str) -> Judgement:
    """The judgement on one file."""
    (found,) = read_layout({"shop/migrations/versions/b_price.py": text}).migrations
    assert found.framework is Framework.ALEMBIC
    return judge(found)


@pytest.mark.parametrize(
    ("up", "down", "old_code", "reversible"),
    [
        ("pass", "pass", YES, YES),
        (
            'op.create_table("a", sa.Column("id", sa.Integer(), primary_key=True))',
            'op.drop_table("a")',
            YES,
            YES,
        ),
        ('op.add_column("a", sa.Column("b", sa.Text()))', 'op.drop_column("a", "b")', YES, YES),
        (
            'op.add_column("a", sa.Column("b", sa.Text(), nullable=False))',
            'op.drop_column("a", "b")',
            NO,
            YES,
        ),
        (
            'op.add_column("a", sa.Column("b", sa.Text(), nullable=False, server_default=""))',
            'op.drop_column("a", "b")',
            YES,
            YES,
        ),
        (
            (
                'op.add_column("a", sa.Column("b", sa.Text(), server_default="x", nullable=False))\n'
                'op.alter_column("a", "b", server_default=None)'
            ),
            'op.drop_column("a", "b")',
            NO,
            YES,
        ),
        (
            (
                'op.add_column("a", sa.Column("b", sa.Text()))\n'
                'op.execute("UPDATE a SET b = 1")\n'
                'op.alter_column("a", "b", nullable=False)'
            ),
            'op.drop_column("a", "b")',
            NO,
            YES,
        ),
        ('op.drop_column("a", "b")', 'op.add_column("a", sa.Column("b", sa.Text()))', NO, NO),
        ('op.drop_table("a")', 'op.create_table("a", sa.Column("b", sa.Text()))', NO, NO),
        ('op.rename_table("a", "b")', 'op.rename_table("b", "a")', NO, YES),
        (
            'op.alter_column("a", "b", new_column_name="c")',
            'op.alter_column("a", "c", new_column_name="b")',
            NO,
            YES,
        ),
        ('op.alter_column("a", "b", nullable=False)', 'op.alter_column("a", "b", nullable=True)', NO, YES),
        (
            'op.alter_column("a", "b", type_=sa.Text(), existing_type=sa.String(5))',
            'op.alter_column("a", "b", type_=sa.String(5), existing_type=sa.Text())',
            YES,
            YES,
        ),
        (
            'op.alter_column("a", "b", type_=sa.Integer(), existing_type=sa.Text(), postgresql_using="f(b)")',
            "pass",
            UNKNOWN,
            UNKNOWN,
        ),
        (
            'op.alter_column("a", "b", server_default="1", existing_server_default="0")',
            'op.alter_column("a", "b", server_default="2")',
            YES,
            NO,
        ),
        (
            (
                'with op.batch_alter_table("a") as batch:\n'
                '    batch.add_column(sa.Column("b", sa.Text()))\n'
                '    batch.create_index("i", ["b"])'
            ),
            'with op.batch_alter_table("a") as batch:\n    batch.drop_index("i")\n    batch.drop_column("b")',
            YES,
            YES,
        ),
        (
            'with op.get_context().autocommit_block():\n    op.create_index("i", "a", ["b"])',
            'op.drop_index("i", table_name="a")',
            YES,
            YES,
        ),
        (
            'for name in ("x", "y"):\n    op.add_column("a", sa.Column(name, sa.Text()))',
            'for name in ("x", "y"):\n    op.drop_column("a", name)',
            YES,
            YES,
        ),
        (
            'for t, c in [("a", "x"), ("b", "y")]:\n    op.execute(f"ALTER TABLE {t} ADD COLUMN {c} int")',
            'op.drop_column("a", "x")\nop.drop_column("b", "y")',
            YES,
            YES,
        ),
        ('op.create_index("i", "a", ["b"])', 'op.drop_index("j", table_name="a")', YES, NO),
        ('op.create_unique_constraint(None, "a", ["b"])', 'op.drop_constraint(None, "a")', NO, NO),
        ('op.create_unique_constraint(None, "a", ["b"])', 'op.drop_constraint("a_b_key", "a")', NO, YES),
        (
            'op.create_foreign_key("f", "a", "b", ["c"], ["id"])',
            'op.drop_constraint("f", "a", type_="foreignkey")',
            NO,
            YES,
        ),
        (
            'op.drop_constraint("f", "a", type_="foreignkey")',
            'op.create_foreign_key("f", "a", "b", ["c"], ["id"])',
            YES,
            YES,
        ),
        (
            'op.create_table("a", sa.Column("m", sa.Enum("x", name="mood")))',
            'op.drop_table("a")',
            YES,
            NO,
        ),
        (
            'op.create_table("a", sa.Column("m", sa.Enum("x", name="mood")))',
            'op.drop_table("a")\nsa.Enum(name="mood").drop(op.get_bind())',
            YES,
            YES,
        ),
        (
            (
                'op.create_table("a", sa.Column("id", sa.Integer()))\n'
                'op.create_table("b", sa.Column("a", sa.Integer(), sa.ForeignKey("a.id")))'
            ),
            'op.drop_table("a")\nop.drop_table("b")',
            YES,
            NO,
        ),
        ('conn = op.get_bind()\nconn.execute(sa.text("UPDATE a SET b = 1"))', "pass", UNKNOWN, NO),
        ('op.execute("CREATE INDEX i ON a (b)")', 'op.execute("DROP INDEX i")', YES, YES),
        ('op.create_table_comment("a", "new")', 'op.drop_table_comment("a")', YES, YES),
        ('op.add_column("a", sa.Column("b", sa.Text()))', 'raise RuntimeError("no way")', YES, NO),
        ('op.add_column("a", sa.Column("b", sa.Text()))', None, YES, NO),
        ('op.bulk_insert(sa.table("a"), [{"b": 1}])', "pass", UNKNOWN, NO),
    ],
)
def test_operations(up: str, down: str | None, old_code: Verdict, reversible: Verdict) -> None:
    found = judged(migration(up, down))
    assert (found.old_code, found.reversible) == (old_code, reversible), found


@pytest.mark.parametrize(
    "up",
    [
        'op.execute(f"DROP TABLE {name}")',
        'op.execute(open("x.sql").read())',
        'op.execute("SELECT f()")',
        "op.run_async(work)",
        "op.unheard_of()",
        'mystery("a")',
        'print(op.drop_table("a"))',
        'printer.info("a")',
        'if op.get_context().as_sql:\n    op.drop_table("a")',
        "while True:\n    break",
        "for row in op.get_bind().execute(sa.text('SELECT 1')):\n    pass",
        "op.create_table(NAME, sa.Column('b', sa.Text()))",
        "op.create_table('a', *columns)",
        "op.add_column(**everything)",
        "op.add_column('a', column)",
        "op.add_column('a', sa.Column('b', **options))",
        "op.drop_column('a', column)",
        "op.alter_column('a', 'b', nullable=flag)",
        "session.query(User).delete()",
        "[op.drop_table(t) for t in tables]",
        "op.get_bind().run_callable(work)",
        "exec('x')",
        "op = Other()",
        "with open('x') as f:\n    pass",
        "global op",
        "x = mystery()",
        "@thing\ndef inner():\n    pass\ninner()",
    ],
)
def test_what_is_not_written_is_not_understood(up: str) -> None:
    found = judged(migration(up))
    assert found.is_unknown
    assert found.old_code is UNKNOWN and found.reversible is not YES


@pytest.mark.parametrize(
    "head",
    [
        "op = None\n",
        "from elsewhere import op\n",
        "import os\nos.system('x')\n",
        "for x in (1,):\n    pass\n",
    ],
)
def test_code_outside_of_the_functions_is_not_understood(head: str) -> None:
    assert judged(migration("pass", "pass", head)).old_code is UNKNOWN


def test_constants_and_functions_of_the_file_are_followed() -> None:
    head = (
        'TABLE = "a"\nSQL = "ALTER TABLE " + TABLE + " ADD COLUMN b int"\n\n'
        "def add(sql):\n    op.execute(sql)\n"
    )
    found = judged(migration("add(SQL)", 'op.drop_column(TABLE, "b")', head))
    assert (found.old_code, found.reversible) == (YES, YES)


@pytest.mark.parametrize(
    ("head", "text", "said"),
    [
        ("T = 'orders'", "'ALTER TABLE {} ADD COLUMN {c} int'.format(T, c='note')", True),
        ("T = 'orders'", "'ALTER TABLE %s ADD COLUMN %s int' % (T, 'note')", True),
        ("T = {'t': 'orders'}", "'ALTER TABLE %(t)s ADD COLUMN note int' % T", True),
        ("T = {'t': 'orders'}", "f\"ALTER TABLE {T['t']} ADD COLUMN note int\"", True),
        ("T = ('a', 'orders')", "'ALTER TABLE ' + T[1] + ' ADD COLUMN note int'", True),
        ("def t(x):\n    return f'{x}s'\n", "f'ALTER TABLE {t(\"order\")} ADD COLUMN note int'", True),
        ("T = 'orders'", "' '.join(['ALTER TABLE', T, 'ADD COLUMN note int'])", True),
        ("T = 'orders'", "'ALTER TABLE {0.name} ADD COLUMN note int'.format(T)", False),
        ("T = 'orders'", "'ALTER TABLE {:>3} ADD COLUMN note int'.format(T)", False),
        ("T = 'orders'", "'ALTER TABLE {} ADD COLUMN {} int'.format(T)", False),
        ("import uuid", "'ALTER TABLE {} ADD COLUMN note int'.format(uuid.uuid4())", False),
        ("import os", "'ALTER TABLE {} ADD COLUMN note int'.format(os.environ['T'])", False),
        ("def t(x):\n    print(x)\n    return x\n", "f'ALTER TABLE {t(1)} ADD COLUMN note int'", False),
        ("def t(x=1):\n    return x\n", "f'ALTER TABLE {t()} ADD COLUMN note int'", False),
    ],
)
def test_texts_that_are_put_together(head: str, text: str, said: bool) -> None:
    found = judged(migration(f"op.execute({text})", 'op.drop_column("orders", "note")', head + "\n"))
    assert (found.reversible is YES) is said, found


def test_a_text_means_what_its_names_meant_when_it_was_made() -> None:
    up = 't = "a"\nsql = f"ALTER TABLE {t} ADD COLUMN c int"\nt = "b"\nop.execute(sql)'
    assert judged(migration(up, 'op.drop_column("a", "c")')).reversible is YES
    assert judged(migration(up, 'op.drop_column("b", "c")')).reversible is not YES
    up = 't = "a"\nall = [t]\nt = "b"\nfor each in all:\n    op.add_column(each, sa.Column("c", sa.Text()))'
    assert judged(migration(up, 'op.drop_column("a", "c")')).reversible is YES
    assert judged(migration(up, 'op.drop_column("b", "c")')).reversible is not YES


@pytest.mark.parametrize(
    ("up", "down", "restored"),
    [
        ("VALUES ('{}', 'x')\".format(uuid.uuid4())", "WHERE name = 'x'", True),
        ("VALUES ('x', '{}')\".format(datetime.utcnow())", "WHERE id = 'x'", True),
        ("VALUES ('{}', 'x')\".format(ID)", "WHERE id = '{}'\".format(ID)", True),
        ("VALUES ('{}', 'x')\".format(uuid.uuid4())", "WHERE id = '{}'\".format(uuid.uuid4())", False),
        ("VALUES ('{}', 'x')\".format(setting['id'])", "WHERE name = 'x'", False),
        ("VALUES ({}, 'x')\".format(uuid.uuid4())", "WHERE name = 'x'", False),
    ],
)
def test_values_that_only_the_moment_of_running_knows(up: str, down: str, restored: bool) -> None:
    ways = [
        f'op.execute("INSERT INTO a {up})',
        f'op.execute("DELETE FROM a {down}' + ('")' if "format" not in down else ")"),
    ]
    assert (judged(migration(*ways, head="ID = '7f'\n")).reversible is YES) is restored


def test_values_given_beside_the_text_count() -> None:
    text = "INSERT INTO a (id, b) VALUES (:id, :b)"
    up = f'op.get_bind().execute(sa.text("{text}"), {{"id": "x\'y", "b": mystery}})'
    down = 'op.get_bind().execute(sa.text("DELETE FROM a WHERE id = :id"), {\'id\': "%s"})'
    assert judged(migration(up, down % "x'y")).reversible is YES
    assert judged(migration(up, down % "xy")).reversible is not YES


TEAM = 'TEAM = sa.table("team", sa.column("id"), sa.column("name"))\n'


@pytest.mark.parametrize(
    ("up", "down", "restored"),
    [
        ("insert().values(name='red')", "delete().where(TEAM.c.name == 'red')", True),
        ("insert().values({'name': op.inline_literal('red')})", "delete().where(TEAM.c.name == 'red')", True),
        ("insert().values({TEAM.c.id: 7})", "delete().where(TEAM.c['id'].in_([7]))", True),
        ("insert().values(a=1, b='x')", "delete().where(sa.and_(TEAM.c.a == 1, TEAM.c.b == 'x'))", True),
        ("insert().values(a=1, b='x')", "delete().where((TEAM.c.a == 1) & (TEAM.c.b == 'x'))", True),
        ("insert().values(a=1, b='x')", "delete().where(TEAM.c.a == 1)", False),
        ("insert().values(name=colour())", "delete().where(TEAM.c.name == 'red')", False),
        ("insert().values(name='red')", "delete().where(TEAM.c.name == 'blue')", False),
        ("insert().values(name='red')", "delete().where(TEAM.c.name != 'red')", False),
        ("insert().values(name='red')", "delete()", False),
        ("insert().values(name='red')", "delete().where(TEAM.c.name == 'red').where(old)", False),
        ("insert().values(**row)", "delete().where(TEAM.c.name == 'red')", False),
        ("update().where(TEAM.c.id == 7).values(a=1)", "update().where(TEAM.c.id == 7).values(a=2)", True),
        ("update().where(TEAM.c.id == 7).values(a=1)", "update().where(TEAM.c.id == 8).values(a=2)", False),
        ("update().values(a=1)", "update().values(a=2)", False),
    ],
)
def test_rows_that_expressions_write(up: str, down: str, restored: bool) -> None:
    text = migration(f"op.execute(TEAM.{up})", f"op.execute(TEAM.{down})", TEAM)
    assert (judged(text).reversible is YES) is restored, judged(text)


def test_rows_that_are_inserted_in_bulk() -> None:
    up = 'op.bulk_insert(TEAM, [{"id": 1, "name": "red"}, {"id": 2, "name": "blue"}])'
    down = "op.execute(\"DELETE FROM team WHERE name IN ('red', 'blue')\")"
    assert judged(migration(up, down, TEAM)).reversible is YES
    assert judged(migration(up, down.replace(", 'blue'", ""), TEAM)).reversible is NO
    assert judged(migration(up.replace('"blue"', "name()"), down, TEAM)).reversible is not YES


def test_a_check_goes_with_the_column_it_is_about() -> None:
    up = 'op.add_column("a", sa.Column("b", sa.Text()))\nop.create_check_constraint("c", "a", "{} > 0")'
    down = 'op.drop_column("a", "b")'
    assert judged(migration(up.format("b"), down)).reversible is YES
    assert judged(migration(up.format("d"), down)).reversible is NO
    assert judged(migration(up.format("b >> ((("), down)).reversible is NO


def test_a_type_that_is_made_anew_is_a_change_of_its_values() -> None:
    head = 'OLD = ("a",)\nold = sa.Enum(*OLD, name="m")\nnew = sa.Enum(*OLD, "b", name="m")\n'
    move = 'op.execute("ALTER TABLE t ALTER c TYPE m USING c::text::m")\nop.execute("DROP TYPE was")'
    way = 'op.execute("ALTER TYPE m RENAME TO was")\n{}.create(op.get_bind())\n' + move
    found = judged(migration(way.format("new"), way.format("old"), head))
    assert (found.old_code, found.reversible) == (UNKNOWN, YES), found
    assert judged(migration(way.format("new"), way.format("new"), head)).reversible is not YES
    assert judged(migration(way.format("new").rpartition("\n")[0], "pass", head)).reversible is not YES


def test_a_function_that_calls_itself_ends() -> None:
    head = "def again():\n    again()\n"
    assert judged(migration("again()", "pass", head)).is_unknown


def test_names_that_double_end() -> None:
    head = 'x0 = "a"\n' + "".join(f"x{n} = x{n - 1} + x{n - 1}\n" for n in range(1, 80))
    assert judged(migration("op.execute(x79)", "pass", head)).is_unknown


@pytest.mark.parametrize(
    "text", ["def upgrade(:\n", "\0", "down_revision = 1\n" + "(" * 500, "x = " + "-" * 9000 + "1"]
)
def test_a_file_that_does_not_parse_is_unknown(text: str) -> None:
    text = f"down_revision = 1\n{text}"
    found = judged(text)
    assert found.old_code is UNKNOWN and found.reversible is UNKNOWN
    assert found.for_old_code[0].reason


def test_the_line_of_a_finding_is_where_it_stands() -> None:
    found = judged(migration('op.create_index("i", "a", ["b"])\nop.drop_column("a", "b")', "pass"))
    assert [f.line for f in found.for_old_code] == [10]
