"""Use cases of the feature flags: killing one, giving it back, saying where each stands."""
