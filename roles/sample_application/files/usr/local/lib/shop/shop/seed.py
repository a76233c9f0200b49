# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shop's first data: plausible, and the same on every host (a fixed seed, fixed dates)."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from . import pricing

SEED = 20260105
CUSTOMERS = 600
ORDERS = 1800
PRODUCTS_A_CATEGORY = 16
LAST_ORDER = datetime(2026, 10, 31, 20, 0, tzinfo=timezone.utc)
HISTORY_DAYS = 365

#: category -> what it sells, the cheapest and the dearest price in cents
RANGE = {
    "Kitchen": (("Bowl", "Mug", "Pan", "Teapot"), 690, 8900),
    "Office": (("Notebook", "Pen set", "Desk lamp", "Organiser"), 350, 6900),
    "Garden": (("Planter", "Trowel", "Watering can", "Lantern"), 590, 5900),
    "Travel": (("Backpack", "Bottle", "Pouch", "Towel"), 890, 12900),
    "Home": (("Blanket", "Candle", "Vase", "Cushion"), 790, 9900),
    "Games": (("Puzzle", "Card game", "Dice set", "Board game"), 490, 5400),
}
STYLES = ("Alder", "Birch", "Cedar", "Dune", "Fjord", "Harbour", "Linden", "Meadow", "Slate")
FIRST_NAMES = ("Amina", "Bruno", "Clara", "David", "Elif", "Felix", "Greta", "Hugo", "Ines")
FIRST_NAMES += ("Jonas", "Katya", "Leo", "Mara", "Nico", "Olga", "Paul", "Rosa", "Samir", "Tessa")
LAST_NAMES = ("Adler", "Becker", "Costa", "Dietrich", "Engel", "Fischer", "Gruber", "Haas")
LAST_NAMES += ("Ivanova", "Jensen", "Keller", "Lindt", "Moreau", "Novak", "Okafor", "Peters")
STATUSES = ("delivered",) * 8 + ("shipped", "paid", "cancelled")
Row = tuple[Any, ...]

COLUMNS = {
    "products": "id, sku, name, category, description, price_cents, stock",
    "customers": "id, name, email, created_at",
    "orders": "id, customer_id, status, goods_cents, shipping_cents, vat_cents, placed_at",
    "order_lines": "order_id, product_id, quantity, unit_cents, line_cents",
}


@dataclass(frozen=True)
class Data:
    """Rows by table, in the order in which they can be loaded."""

    tables: dict[str, list[Row]] = field(default_factory=dict)


def generate(seed: int = SEED) -> Data:
    """All rows; the same seed gives the same rows."""
    # Not for secrets: it has to be repeatable.
    rng = random.Random(seed)  # noqa: S311 - repeatable test data
    products = list(_products(rng))
    orders, lines = _orders(rng, {row[0]: row[5] for row in products})
    customers = list(_customers(rng))
    return Data(
        {"products": products, "customers": customers, "orders": orders, "order_lines": lines}
    )


def load(cursor: Any) -> None:
    """Load the rows through COPY; numbering goes on behind them."""
    for table, rows in generate().tables.items():
        cursor.copy_expert(f"COPY {table} ({COLUMNS[table]}) FROM STDIN (FORMAT csv)", _csv(rows))
    for table in ("customers", "orders"):
        # The table names are the two above; nothing from outside reaches this text.
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608 - constant names
        )


def _csv(rows: Iterable[Row]) -> io.StringIO:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    text.seek(0)
    return text


def _products(rng: random.Random) -> Iterator[Row]:
    names = {
        category: rng.sample([f"{s} {t}" for s in STYLES for t in things], PRODUCTS_A_CATEGORY)
        for category, (things, _lowest, _highest) in RANGE.items()
    }
    number = 0
    for turn in range(PRODUCTS_A_CATEGORY):
        # In turns, so that the first page shows something of everything.
        for category, (_things, lowest, highest) in RANGE.items():
            number += 1
            name = names[category][turn]
            price = rng.randrange(lowest, highest, 50) + 49
            text = f"{name}: made to last, repaired by us for ten years."
            stock = rng.randint(2000, 9000)
            yield number, f"{category[:3].upper()}-{number:04d}", name, category, text, price, stock


def _customers(rng: random.Random) -> Iterator[Row]:
    began = LAST_ORDER - timedelta(days=HISTORY_DAYS * 2)
    for number in range(1, CUSTOMERS + 1):
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        email = f"{first}.{last}.{number}@customers.example".lower()
        created = began + timedelta(minutes=rng.randrange(HISTORY_DAYS * 24 * 60))
        yield number, f"{first} {last}", email, created.isoformat()


def _orders(rng: random.Random, prices: dict[int, int]) -> tuple[list[Row], list[Row]]:
    orders: list[Row] = []
    order_lines: list[Row] = []
    span = HISTORY_DAYS * 24 * 60
    times = sorted(rng.randrange(span) for _order in range(ORDERS))
    for number, minute in enumerate(times, 1):
        chosen = rng.sample(sorted(prices), rng.choice((1, 1, 2, 2, 3, 4, 5)))
        lines = [
            pricing.Line(product, rng.choice((1, 1, 1, 2, 3, 12)), prices[product])
            for product in chosen
        ]
        bill = pricing.bill(lines)
        placed = LAST_ORDER - timedelta(minutes=span - minute)
        customer, status = rng.randint(1, CUSTOMERS), rng.choice(STATUSES)
        amounts = (bill.goods_cents, bill.shipping_cents, bill.vat_cents)
        orders.append((number, customer, status, *amounts, placed.isoformat()))
        order_lines += [
            (number, line.product_id, line.quantity, line.unit_cents, line.cents) for line in lines
        ]
    return orders, order_lines
