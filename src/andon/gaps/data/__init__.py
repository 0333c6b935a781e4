"""How production's data and schema differ from the tests': facts, which rows to try, how much each weighs."""
