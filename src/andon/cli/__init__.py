"""The cord: one module per command, loaded when it is called. No policy lives here."""
