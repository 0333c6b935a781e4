"""The tests passed and production failed: which difference between the two worlds is to blame.

Judgement only: what tests believed, what differs, which experiment to make next, what its result means, what
prevents the next one. Starting worlds, asking databases and driving browsers is `production.gap`'s.
"""
