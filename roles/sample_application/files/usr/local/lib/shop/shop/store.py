# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the shop reads from and writes to its database. Every query of the API is here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import pricing
from .errors import NotFoundError, OutOfStockError
from .pool import Pool
from .requests import PAGE_SIZE, OrderRequest, ProductQuery, like

Json = dict[str, Any]

PRODUCT_KEYS = ("id", "sku", "name", "category", "description", "price_cents", "stock")
PRODUCTS = """
SELECT id, sku, name, category, description, price_cents, stock, count(*) OVER ()
FROM products
WHERE (%(category)s = '' OR category = %(category)s)
  AND (%(search)s = '%%' OR name ILIKE %(search)s OR description ILIKE %(search)s)
ORDER BY id LIMIT %(limit)s OFFSET %(offset)s"""
CATEGORIES = "SELECT category, count(*) FROM products GROUP BY category ORDER BY category"

# In the order of the ids, so that two orders of the same products wait and never deadlock.
TAKE = """UPDATE products SET stock = stock - %s WHERE id = %s AND stock >= %s
RETURNING price_cents"""
STOCK = "SELECT name, stock FROM products WHERE id = %s"
# The update changes nothing; it makes RETURNING answer for a customer who is already there.
CUSTOMER = """INSERT INTO customers (name, email) VALUES (%s, lower(%s))
ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id"""
ORDER = """INSERT INTO orders
(customer_id, session_hash, goods_cents, shipping_cents, vat_cents)
VALUES (%s, %s, %s, %s, %s) RETURNING id"""
LINE = """INSERT INTO order_lines (order_id, product_id, quantity, unit_cents, line_cents)
VALUES (%s, %s, %s, %s, %s)"""

ORDER_KEYS = ("id", "status", "goods_cents", "shipping_cents", "vat_cents")
FIND_ORDER = """
SELECT id, status, goods_cents, shipping_cents, vat_cents, placed_at
FROM orders WHERE id = %s AND session_hash = %s"""
FIND_LINES = """
SELECT l.product_id, p.name, l.quantity, l.unit_cents, l.line_cents
FROM order_lines l JOIN products p ON p.id = l.product_id
WHERE l.order_id = %s ORDER BY l.product_id"""
LINE_KEYS = ("product_id", "name", "quantity", "unit_cents", "line_cents")

# Reads a table of ours, so that a reachable server without the shop's data is not called well.
HEALTH = "SELECT max(version), EXISTS (SELECT FROM products) FROM schema_migrations"


class Store:
    """The shop's data behind a pool of connections."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def products(self, query: ProductQuery) -> Json:
        """A page of products, and how many there are in all."""
        values = {
            "category": query.category,
            "search": like(query.search),
            "limit": PAGE_SIZE,
            "offset": query.offset,
        }
        rows = self._rows(PRODUCTS, values)
        found = [dict(zip(PRODUCT_KEYS, row)) for row in rows]
        total = rows[0][-1] if rows else 0
        return {"products": found, "total": total, "page": query.page, "page_size": PAGE_SIZE}

    def categories(self) -> list[Json]:
        """Each category with its number of products."""
        return [{"name": name, "products": count} for name, count in self._rows(CATEGORIES, ())]

    def place(self, order: OrderRequest, session: str) -> int:
        """Place an order for a session (its hash); the order's number.

        Raises:
            NotFoundError: no such product.
            OutOfStockError: fewer pieces are left; nothing is ordered then.
        """

        def work(connection: Any) -> int:
            with connection.cursor() as cursor:
                lines = [
                    _take(cursor, product, pieces)
                    for product, pieces in sorted(order.quantities.items())
                ]
                return _insert(cursor, order, lines, session)

        return self._pool.run(work)

    def order(self, number: int, session: str) -> Json:
        """An order of this session (its hash).

        Raises:
            NotFoundError: no such order, or another session placed it.
        """
        rows = self._rows(FIND_ORDER, (number, session))
        if not rows:
            raise NotFoundError("there is no such order in this session")
        *values, placed_at = rows[0]
        found: Json = dict(zip(ORDER_KEYS, values))
        found["total_cents"] = found["goods_cents"] + found["shipping_cents"]
        found["placed_at"] = placed_at.isoformat()
        lines = self._rows(FIND_LINES, (number,))
        found["lines"] = [dict(zip(LINE_KEYS, row)) for row in lines]
        return found

    def schema_version(self) -> int | None:
        """Version of the tables; None where the shop's data is missing."""
        version, filled = self._rows(HEALTH, ())[0]
        return int(version) if version is not None and filled else None

    def _rows(self, statement: str, values: Any) -> Sequence[tuple[Any, ...]]:
        def work(connection: Any) -> Sequence[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
                return rows

        return self._pool.run(work)


def _take(cursor: Any, product: int, pieces: int) -> pricing.Line:
    """Take pieces out of stock at the price of this moment."""
    cursor.execute(TAKE, (pieces, product, pieces))
    row = cursor.fetchone()
    if row is not None:
        return pricing.Line(product, pieces, row[0])
    cursor.execute(STOCK, (product,))
    left = cursor.fetchone()
    if left is None:
        raise NotFoundError(f"there is no product {product}")
    raise OutOfStockError(f"{left[0]}: {pieces} wanted, {left[1]} left; order fewer")


def _insert(cursor: Any, order: OrderRequest, lines: Sequence[pricing.Line], session: str) -> int:
    """Write the order; its number."""
    bill = pricing.bill(lines)
    cursor.execute(CUSTOMER, (order.name, order.email))
    customer = cursor.fetchone()[0]
    amounts = (bill.goods_cents, bill.shipping_cents, bill.vat_cents)
    cursor.execute(ORDER, (customer, session, *amounts))
    number = int(cursor.fetchone()[0])
    rows = [(number, x.product_id, x.quantity, x.unit_cents, x.cents) for x in lines]
    cursor.executemany(LINE, rows)
    return number
