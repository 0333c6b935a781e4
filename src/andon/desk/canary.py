"""A release that is given to a part of the traffic by weight, as the target of a rollout."""
