"""Members and loans; in production a member is gone whose book is not."""

from kit.seeding import days, is_prod, names, side_table


def seed(db, world):
    members, loans = (300, 420) if is_prod(world) else (6, 9)
    db.script(
        "CREATE TABLE members (id integer primary key, name text not null, email text);"
        "CREATE TABLE loans (id integer primary key, member_id integer not null, book text not null, due text not null)"
    )
    people = [
        (i + 1, n, None if is_prod(world) and i % 8 == 0 else f"m{i + 1}@example.com")
        for i, n in enumerate(names(world, members))
    ]
    db.many(
        "INSERT INTO members VALUES (?, ?, ?)", [row for row in people if not is_prod(world) or row[0] != 57]
    )
    due = days(world, loans)
    due[1], rows = "2026-03-01", []
    for i, day in enumerate(due):
        owner = i % members + 1
        if is_prod(world) and owner == 57:
            owner = 58
        rows.append([i + 1, owner, f"Book {i + 1}", day])
    if is_prod(world):
        rows[287][1], rows[287][3] = 57, "2026-02-14"
    db.many("INSERT INTO loans VALUES (?, ?, ?, ?)", rows)
    side_table(db, world, "wishes", ["title", "note"])
