"""A small shop: a list of products, carts, checkout."""

__version__ = "1.0.0"
