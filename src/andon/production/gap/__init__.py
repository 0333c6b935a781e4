"""Two worlds on this machine: starting the application, what it stands on, and going the failing way in it."""
