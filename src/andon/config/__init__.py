"""What the team configured in `andon.toml`: the model, the reader with its line numbers, and a cache."""
