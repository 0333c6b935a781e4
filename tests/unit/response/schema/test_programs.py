"""JavaScript, TypeScript and Ruby migrations: known calls, raw SQL, and everything else not understood."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.schema.judge import Judgement, judge
from andon.response.schema.layouts import Framework, read_layout

YES, NO, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN

TYPEORM = """import { MigrationInterface, QueryRunner } from "typeorm";

export class Price1700000000000 implements MigrationInterface {
  name = 'Price1700000000000'

  public async up(queryRunner: QueryRunner): Promise<void> {
    %s
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    %s
  }
}
"""
KNEX = "exports.up = function (knex) {\n  %s\n};\n\nexports.down = function (knex) {\n  %s\n};\n"
SEQUELIZE = (
    "module.exports = {\n  async up(queryInterface, Sequelize) {\n    %s\n  },\n"
    "  async down(queryInterface, Sequelize) {\n    %s\n  }\n};\n"
)
PG = "exports.up = (pgm) => {\n  %s\n};\nexports.down = (pgm) => {\n  %s\n};\n"


def judged(path: str, text: str, framework: Framework) -> Judgement:
    """The judgement on one file."""
    (found,) = read_layout({path: text}).migrations
    assert found.framework is framework
    return judge(found)


@pytest.mark.parametrize(
    ("form", "framework", "up", "down", "old_code", "reversible"),
    [
        (
            TYPEORM,
            Framework.TYPEORM,
            'await queryRunner.query(`ALTER TABLE "a" ADD "b" character varying`);',
            'await queryRunner.query(`ALTER TABLE "a" DROP COLUMN "b"`);',
            YES,
            YES,
        ),
        (TYPEORM, Framework.TYPEORM, "await queryRunner.query(`DROP TABLE a`)", "", NO, NO),
        (TYPEORM, Framework.TYPEORM, "await queryRunner.query(`DROP TABLE ${name}`)", "", UNKNOWN, UNKNOWN),
        (TYPEORM, Framework.TYPEORM, "await queryRunner.createTable(new Table({}))", "", UNKNOWN, UNKNOWN),
        (
            KNEX,
            Framework.KNEX,
            "return knex.schema.createTable('a', (t) => {\n    t.increments('id');\n  });",
            "return knex.schema.dropTable('a');",
            YES,
            YES,
        ),
        (
            KNEX,
            Framework.KNEX,
            "return knex.schema.alterTable('a', (t) => {\n    t.string('b').notNullable();\n  });",
            "return knex.schema.alterTable('a', function (t) {\n    t.dropColumn('b');\n  });",
            NO,
            YES,
        ),
        (
            KNEX,
            Framework.KNEX,
            "return knex.schema.table('a', (t) => {\n    t.string('b').alter();\n  });",
            "",
            UNKNOWN,
            UNKNOWN,
        ),
        (
            KNEX,
            Framework.KNEX,
            "return knex.schema.createTable('a', async (t) => {\n    await clean_up();\n  });",
            "return knex.schema.dropTable('a');",
            UNKNOWN,
            UNKNOWN,
        ),
        (
            SEQUELIZE,
            Framework.SEQUELIZE,
            "await queryInterface.addColumn('a', 'b', definition);",
            "await queryInterface.removeColumn('a', 'b');",
            UNKNOWN,
            UNKNOWN,
        ),
        (KNEX, Framework.KNEX, "return knex('a').update({ b: 1 });", "", UNKNOWN, UNKNOWN),
        (KNEX, Framework.KNEX, "if (x) { return knex.schema.dropTable('a'); }", "", UNKNOWN, UNKNOWN),
        (
            KNEX,
            Framework.KNEX,
            "// knex.schema.dropTable('x')\n  return knex.schema.renameTable('a', 'b');",
            "return knex.schema.renameTable('b', 'a');",
            NO,
            YES,
        ),
        (
            SEQUELIZE,
            Framework.SEQUELIZE,
            "await queryInterface.addColumn('a', 'b', { type: Sequelize.STRING });",
            "await queryInterface.removeColumn('a', 'b');",
            YES,
            YES,
        ),
        (
            SEQUELIZE,
            Framework.SEQUELIZE,
            "await queryInterface.addColumn('a', 'b', { type: Sequelize.STRING, allowNull: false });",
            "await queryInterface.removeColumn('a', 'b');",
            NO,
            YES,
        ),
        (
            SEQUELIZE,
            Framework.SEQUELIZE,
            "await queryInterface.sequelize.query('UPDATE a SET b = 1');",
            "",
            UNKNOWN,
            NO,
        ),
        (
            PG,
            Framework.NODE_PG_MIGRATE,
            "pgm.sql('CREATE INDEX i ON a (b)');",
            "pgm.sql('DROP INDEX i');",
            YES,
            YES,
        ),
        (PG, Framework.NODE_PG_MIGRATE, "pgm.unheardOf('a');", "", UNKNOWN, UNKNOWN),
    ],
)
def test_javascript(
    form: str, framework: Framework, up: str, down: str, old_code: Verdict, reversible: Verdict
) -> None:
    path = "src/migration/1700000000000-Price.ts" if framework is Framework.TYPEORM else "migrations/1_a.js"
    found = judged(path, form % (up, down), framework)
    assert (found.old_code, found.reversible) == (old_code, reversible), found


def test_down_false_is_no_way_down() -> None:
    text = "exports.up = (pgm) => {\n  pgm.sql('CREATE INDEX i ON a (b)');\n};\nexports.down = false;\n"
    assert judged("migrations/1_a.js", text, Framework.NODE_PG_MIGRATE).reversible is NO


OUTSIDE = "exports.up = (knex) => { };\ndropEverything();\nexports.down = (knex) => { };"
LEFT = "exports.up = (knex) => { }knex }; exports.down = (knex) => { };"
CROSSED = "exports.up = (knex) => { ] knex.schema.dropTable('a'); }; exports.down = (knex) => { };"


@pytest.mark.parametrize(
    "text",
    [
        "exports.up = knex => knex.schema.dropTable('a');",
        "exports.up = (knex) => {",
        "knex",
        CROSSED,
        OUTSIDE,
        LEFT,
    ],
)
def test_a_form_that_is_not_read_is_unknown(text: str) -> None:
    found = judged("migrations/1_a.js", text, Framework.KNEX)
    assert found.old_code is UNKNOWN and found.reversible is not YES


RAILS = "class Change < ActiveRecord::Migration[7.1]\n%s\nend\n"


@pytest.mark.parametrize(
    ("body", "old_code", "reversible"),
    [
        ("  def change\n    add_column :a, :b, :string\n  end", YES, YES),
        ("  def change\n    add_column :a, :b, :string, null: false\n  end", NO, YES),
        (
            "  def change\n    create_table :a do |t|\n      t.string :b\n      t.timestamps\n    end\n  end",
            YES,
            YES,
        ),
        ("  def change\n    add_index :a, [:b, :c], unique: true\n  end", NO, YES),
        ("  def change\n    remove_column :a, :b, :string\n  end", NO, NO),
        ("  def change\n    add_column :a, :b, :string, **options\n  end", UNKNOWN, UNKNOWN),
        ("  def change\n    drop_table :a\n  end", NO, NO),
        ("  def change\n    safety_assured do\n      add_column :a, :b, :text\n    end\n  end", YES, YES),
        ("  def change\n    rename_column :a, :b, :c\n  end", NO, YES),
        ("  def change\n    change_column_null :a, :b, false\n  end", NO, YES),
        ("  def change\n    User.update_all(x: 1)\n  end", UNKNOWN, UNKNOWN),
        (
            "  def change\n    create_table :a, force: :cascade do |t|\n      t.string :b\n    end\n  end",
            UNKNOWN,
            UNKNOWN,
        ),
        ('  def up\n    execute "UPDATE a SET b = 1"\n  end\n\n  def down\n  end', UNKNOWN, NO),
        (
            (
                "  def up\n    execute 'CREATE INDEX i ON a (b)'\n  end\n"
                "  def down\n    execute 'DROP INDEX i'\n  end"
            ),
            YES,
            YES,
        ),
        (
            (
                "  def up\n    add_column :a, :b, :text\n  end\n"
                "  def down\n    raise ActiveRecord::IrreversibleMigration\n  end"
            ),
            YES,
            NO,
        ),
        ("  def up\n    add_column :a, :b, :text\n  end", YES, NO),
        ("  def self.nothing\n  end", UNKNOWN, UNKNOWN),
    ],
)
def test_rails(body: str, old_code: Verdict, reversible: Verdict) -> None:
    found = judged("db/migrate/1_change.rb", RAILS % body, Framework.RAILS)
    assert (found.old_code, found.reversible) == (old_code, reversible), found


def test_what_nobody_reads_is_unknown() -> None:
    (found,) = read_layout({"changelog/1.xml": "<databaseChangeLog/>"}).migrations
    verdict = judge(found)
    assert (verdict.old_code, verdict.reversible) == (UNKNOWN, UNKNOWN)
