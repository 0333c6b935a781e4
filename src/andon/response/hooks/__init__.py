"""Andon's git hooks: their text, what is recognised in a hook of others, and what an install would do."""
