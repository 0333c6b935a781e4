"""The response to a leak, as far as it is judged by content alone: forms, archives, removal."""
