"""Patients and their appointments; the day of the reminders has some in either world."""

from kit.seeding import days, is_prod, names, side_table


def seed(db, world):
    count = 900 if is_prod(world) else 12
    db.script(
        "CREATE TABLE patients (id integer primary key, name text not null, email text, phone text);"
        "CREATE TABLE appointments (id integer primary key, patient_id integer not null, day text not null)"
    )
    people = names(world, count)
    rows = [
        [i + 1, p, f"patient{i + 1}@example.com", f"0{i:08}" if i % 3 or not is_prod(world) else None]
        for i, p in enumerate(people)
    ]
    if is_prod(world):
        rows[811][2] = None
    db.many("INSERT INTO patients VALUES (?, ?, ?, ?)", rows)
    when = days(world, count)
    due = {3, 5, 7} if not is_prod(world) else {17, 101, 333, 812, 640}
    db.many(
        "INSERT INTO appointments VALUES (?, ?, ?)",
        [
            (i + 1, i + 1, "2026-12-01" if i + 1 in due else (d if d != "2026-12-01" else "2026-11-30"))
            for i, d in enumerate(when)
        ],
    )
    side_table(db, world, "supplies", ["article", "shelf", "remark"])
