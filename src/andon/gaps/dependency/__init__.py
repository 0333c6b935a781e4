"""Outside services: what was recorded of them, what tests believed, and answers mixed of both worlds."""
