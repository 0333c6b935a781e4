"""The order numbers that go on the parcels."""

import unittest

from shop.orders import order_number


class OrderNumbers(unittest.TestCase):
    """A letter for every thousand orders, then three digits."""

    def test_first_order(self) -> None:
        """The very first one."""
        self.assertEqual(order_number(1), "A001")

    def test_next_letter(self) -> None:
        """The thousandth order begins the next series."""
        self.assertEqual(order_number(1000), "B000")
