# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an order costs. All amounts are integer euro cents, VAT included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

VAT_PERCENT = 19
SHIPPING_CENTS = 490
FREE_SHIPPING_FROM_CENTS = 5000
BULK_FROM = 10
BULK_PERCENT = 5


@dataclass(frozen=True)
class Line:
    """Some pieces of one product at the price of the day."""

    product_id: int
    quantity: int
    unit_cents: int

    @property
    def cents(self) -> int:
        """The line's price; ten pieces and more are cheaper."""
        full = self.quantity * self.unit_cents
        return full - percent(full, BULK_PERCENT) if self.quantity >= BULK_FROM else full


@dataclass(frozen=True)
class Bill:
    """goods + shipping = total; vat is the part of the total that goes to the state."""

    goods_cents: int
    shipping_cents: int
    vat_cents: int

    @property
    def total_cents(self) -> int:
        """What the customer pays."""
        return self.goods_cents + self.shipping_cents


def percent(cents: int, rate: int) -> int:
    """A share of an amount, halves rounded up; no floating point near money."""
    return (cents * rate + 50) // 100


def included_vat(cents: int) -> int:
    """The VAT inside a gross amount, halves rounded up."""
    whole = 100 + VAT_PERCENT
    return (2 * cents * VAT_PERCENT + whole) // (2 * whole)


def bill(lines: Iterable[Line]) -> Bill:
    """The bill of an order; goods from 50 euros up travel free."""
    goods = sum(line.cents for line in lines)
    shipping = 0 if goods >= FREE_SHIPPING_FROM_CENTS else SHIPPING_CENTS
    return Bill(goods, shipping, included_vat(goods + shipping))
