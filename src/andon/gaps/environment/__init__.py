"""What differs between the settings of two worlds, what is known of it without showing it, what it weighs."""
