"""The response to a leak: one module for each stage."""
