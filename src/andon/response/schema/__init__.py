"""The migration gate: what a range does to the database, and whether the way back is open."""
