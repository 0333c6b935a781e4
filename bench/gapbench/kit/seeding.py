"""Rows for the two worlds: few and tidy for test, many and untidy for production; always the same ones."""

import random

FIRST = "Ada Ben Carla Dmitri Eva Farid Greta Hugo Ines Jonas Kaja Leon Mira Nils Olga Pia Quinn Rosa".split()
LAST = "Abel Brandt Costa Dahl Evans Frank Green Hall Ivers Jung Klein Lopez Moser North Olsen Price".split()
UNTIDY_FIRST = ["Łukasz", "Søren", "Zoë", "Anaïs", "Jürgen", "Nguyễn", "Chloé", "Ömer", "Íris"]
UNTIDY_LAST = ["Núñez", "Müller", "O'Hara", "Çelik", "Škvorecký", "van der Berg", "Ørsted"]


def is_prod(world):
    return world == "prod"


def names(world, count, seed=1, *, tidy=False):
    """Return `count` full names; production's are partly beyond ASCII unless they are to be tidy."""
    chance = random.Random(f"{seed}-{world}")
    untidy = is_prod(world) and not tidy
    found = []
    for _ in range(count):
        first = chance.choice(UNTIDY_FIRST if untidy and chance.random() < 0.2 else FIRST)
        last = chance.choice(UNTIDY_LAST if untidy and chance.random() < 0.2 else LAST)
        found.append(f"{first} {last}")
    return found


def numbers(world, count, low, high, seed=1):
    chance = random.Random(f"n{seed}-{world}")
    return [chance.randint(low, high) for _ in range(count)]


def choices(world, count, options, seed=1):
    chance = random.Random(f"c{seed}-{world}")
    return [chance.choice(options) for _ in range(count)]


def days(world, count, year=2026, seed=1):
    chance = random.Random(f"d{seed}-{world}")
    return [f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}" for _ in range(count)]


def side_table(db, world, table, columns, many=300, few=8):
    """Make a table that has nothing to do with anything: production's has NULLs, empties and odd characters."""
    listed = ", ".join(f"{column} text" for column in columns)
    db.execute(f"CREATE TABLE {table} (id integer primary key, {listed})")
    chance = random.Random(f"{table}-{world}")
    plain = ["monthly", "weekly", "seen", "web", "phone", "letter"]
    odd = [None, "", "à la carte", " trailing ", "日本語", "-1"]
    rows = []
    for key in range(1, (many if is_prod(world) else few) + 1):
        pool = plain + odd if is_prod(world) else plain
        rows.append((key, *(chance.choice(pool) for _ in columns)))
    marks = ", ".join("?" for _ in range(len(columns) + 1))
    db.many(f"INSERT INTO {table} VALUES ({marks})", rows)
