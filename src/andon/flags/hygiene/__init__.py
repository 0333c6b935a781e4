"""Flags that do not rot: what is wrong with a definition, where code asks for a flag, what is left over."""
