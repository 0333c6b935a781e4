"""The use cases: one module per verb. What they need from outside is declared in `ports`."""
