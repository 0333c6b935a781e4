"""Jobs that were dispatched before."""

from kit.seeding import choices, is_prod, names, side_table


def seed(db, world):
    count = 400 if is_prod(world) else 6
    db.execute("CREATE TABLE jobs (number bigint primary key, what text not null, shift text, driver text)")
    what = choices(world, count, ["tow", "jump start", "tyre"])
    db.many(
        "INSERT INTO jobs VALUES (?, ?, ?, ?)",
        [
            (170000000000 + i * 731, w, "day", None if is_prod(world) and i % 5 == 0 else n)
            for i, (w, n) in enumerate(zip(what, names(world, count), strict=True))
        ],
    )
    side_table(db, world, "vehicles", ["plate", "remark"])
