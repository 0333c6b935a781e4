"""What the repository accepts now: `run` asks the rules of a point, each in a module of its own."""
