"""Django migrations: what each operation means, and fields compared with how they were."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.schema.judge import Judgement, judge
from andon.response.schema.layouts import Framework, read_layout

YES, NO, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN


def migration(*operations: str) -> str:
    """Return a migration with these operations."""
    listed = "".join(f"        {o},\n" for o in operations)
    return (
        "from django.db import migrations, models\n\n\ndef fill(apps, editor):\n    pass\n\n\n"
        f"class Migration(migrations.Migration):\n    dependencies = []\n    operations = [\n{listed}    ]\n"
    )


FIRST = migration(
    "migrations.CreateModel(name='Order', fields=[('id', models.AutoField(primary_key=True)), "
    "('note', models.CharField(max_length=20)), ('paid', models.BooleanField(null=True))])"
)


def judged(*operations: str, earlier: tuple[str, ...] = (FIRST,)) -> Judgement:
    """The judgement on a migration that comes after `earlier`."""
    (found,) = read_layout({"shop/migrations/0002_x.py": migration(*operations)}).migrations
    assert found.framework is Framework.DJANGO
    return judge(found, earlier)


@pytest.mark.parametrize(
    ("operation", "old_code", "reversible"),
    [
        ("migrations.CreateModel('Item', [('id', models.AutoField(primary_key=True))])", YES, YES),
        ("migrations.DeleteModel('Order')", NO, NO),
        ("migrations.AddField('order', 'x', models.IntegerField(null=True))", YES, YES),
        ("migrations.AddField('order', 'x', models.IntegerField(default=0))", NO, YES),
        ("migrations.AddField('order', 'x', models.IntegerField(db_default=0))", YES, YES),
        ("migrations.AddField('order', 'x', models.ManyToManyField('shop.Item'))", YES, YES),
        ("migrations.RemoveField('order', 'note')", NO, NO),
        ("migrations.RenameField('order', 'note', 'remark')", NO, YES),
        ("migrations.RenameModel('Order', 'Purchase')", NO, YES),
        (
            "migrations.AlterField('order', 'note', models.CharField(max_length=20, choices=[(1, 2)]))",
            YES,
            YES,
        ),
        ("migrations.AlterField('order', 'note', models.CharField(max_length=40))", YES, YES),
        ("migrations.AlterField('order', 'note', models.CharField(max_length=10))", NO, UNKNOWN),
        ("migrations.AlterField('order', 'note', models.CharField(max_length=20, unique=True))", NO, YES),
        (
            "migrations.AlterField('order', 'note', models.CharField(max_length=20, null=True))",
            UNKNOWN,
            UNKNOWN,
        ),
        ("migrations.AlterField('order', 'paid', models.BooleanField(default=False))", NO, YES),
        ("migrations.AlterField('order', 'unheard_of', models.TextField())", UNKNOWN, UNKNOWN),
        (
            "migrations.AlterField('order', 'note', models.CharField(max_length=20, db_column='n'))",
            UNKNOWN,
            UNKNOWN,
        ),
        ("migrations.AddIndex('order', models.Index(fields=['note'], name='i'))", YES, YES),
        ("migrations.RemoveIndex('order', 'i')", YES, YES),
        ("migrations.AddConstraint('order', models.CheckConstraint(check=models.Q(), name='c'))", NO, YES),
        ("migrations.AlterUniqueTogether('order', {('note', 'paid')})", NO, YES),
        ("migrations.AlterModelOptions('order', {'ordering': ['note']})", YES, YES),
        ("migrations.RunPython(fill)", UNKNOWN, NO),
        ("migrations.RunPython(fill, migrations.RunPython.noop)", UNKNOWN, NO),
        ("migrations.RunPython(migrations.RunPython.noop, fill)", YES, YES),
        ("migrations.RunPython(noop, fill)", UNKNOWN, NO),
        ("migrations.RunSQL('CREATE INDEX i ON a (b)', 'DROP INDEX i')", YES, YES),
        ("migrations.RunSQL('CREATE INDEX i ON a (b)')", YES, NO),
        ("migrations.RunSQL(['UPDATE a SET b = 1'], migrations.RunSQL.noop)", UNKNOWN, NO),
        ("migrations.RunSQL(SQL, '')", UNKNOWN, UNKNOWN),
        ("migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('Order')])", YES, YES),
        ("migrations.SeparateDatabaseAndState([migrations.DeleteModel('Order')], [])", NO, NO),
        ("CITextExtension()", YES, YES),
        ("migrations.UnheardOf('order')", UNKNOWN, UNKNOWN),
        ("*more", UNKNOWN, UNKNOWN),
    ],
)
def test_operations(operation: str, old_code: Verdict, reversible: Verdict) -> None:
    found = judged(operation)
    assert (found.old_code, found.reversible) == (old_code, reversible), found


def test_a_field_that_an_earlier_file_hides_is_not_known() -> None:
    change = "migrations.AlterField('order', 'note', models.CharField(max_length=20))"
    assert judged(change, earlier=(FIRST, "this does not parse (")).old_code is UNKNOWN


def test_a_renamed_field_is_still_known() -> None:
    renamed = migration("migrations.RenameField('order', 'note', 'remark')")
    change = "migrations.AlterField('order', 'remark', models.CharField(max_length=20, help_text='x'))"
    assert judged(change, earlier=(FIRST, renamed)).old_code is YES


@pytest.mark.parametrize(
    "text",
    [
        migration().replace("dependencies = []", "replaces = [('shop', '0001_first')]"),
        migration().replace("dependencies = []", "def apply(self):\n        pass"),
        migration().replace("operations = [\n    ]", "operations = everything()"),
        migration() + "\nclass Migration(migrations.Migration):\n    pass\n",
    ],
)
def test_a_class_with_more_is_not_understood(text: str) -> None:
    (found,) = read_layout({"shop/migrations/0002_x.py": text}).migrations
    assert judge(found).old_code is UNKNOWN
