"""The use cases of `andon gap`: find the gap, tell what would run, ask for consent, keep what was found."""
