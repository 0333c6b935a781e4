"""The two worlds of a search for a gap, made real: started, looked at, mixed, measured, taken down."""
