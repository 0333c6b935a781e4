"""Check-ins: a few in the tests, many in production."""

from kit.seeding import is_prod, numbers, side_table


def seed(db, world):
    count = 24000 if is_prod(world) else 40
    db.execute(
        "CREATE TABLE checkins (id integer primary key, person integer not null, place integer not null, shout text)"
    )
    people, places = numbers(world, count, 1, 400), numbers(world, count, 1, 90, seed=2)
    with (
        db.connection.cursor() as cursor,
        cursor.copy("COPY checkins (id, person, place, shout) FROM STDIN") as copy,
    ):
        for i, (person, place) in enumerate(zip(people, places, strict=True)):
            copy.write_row((i + 1, person, place, "à bientôt" if is_prod(world) and i % 40 == 0 else "hello"))
    side_table(db, world, "offers", ["shop", "text"])
