"""Two worlds on this machine: the application, what it stands on, and going the failing way in it."""
