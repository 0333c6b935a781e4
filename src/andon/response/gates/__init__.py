"""What the repository accepts in which gear: the rules, their table, and the judgement over their answers."""
