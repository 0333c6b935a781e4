"""What tools know of weaknesses in the dependencies of a project: which to ask, and what they answer."""
