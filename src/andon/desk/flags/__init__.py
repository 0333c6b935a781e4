"""Use cases of the feature flags: killing, giving back, rolling out, keeping tidy, telling how they stand."""
