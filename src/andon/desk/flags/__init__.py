"""Use cases of the feature flags: killing, giving back, rolling out, keeping them tidy, saying where each stands."""
