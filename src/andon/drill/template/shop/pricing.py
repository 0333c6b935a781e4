"""What a basket costs, in cents."""

Customer = dict[str, str]
Line = tuple[int, int]


def total(lines: list[Line], customer: Customer) -> int:
    """Return the sum of price times quantity."""
    return sum(price * quantity for price, quantity in lines)
