"""Subscribers."""

from kit.seeding import choices, is_prod, side_table


def seed(db, world):
    count = 2600 if is_prod(world) else 30
    db.execute(
        "CREATE TABLE subscribers (id integer primary key, email text not null, language text, active integer not null)"
    )
    languages = choices(world, count, ["en", "de", "fr"] + (["pt", None] if is_prod(world) else []))
    db.many(
        "INSERT INTO subscribers VALUES (?, ?, ?, ?)",
        [(i + 1, f"reader{i + 1}@example.com", lang, 1) for i, lang in enumerate(languages)],
    )
    side_table(db, world, "editions", ["headline", "teaser"])
