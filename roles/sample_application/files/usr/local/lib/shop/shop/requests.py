# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests as the shop understands them: checked once, then plain frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import InvalidError

MAX_LINES = 20
MAX_QUANTITY = 99
MAX_ID = 2**31 - 1
PAGE_SIZE = 24
MAX_PAGE = 1000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")


@dataclass(frozen=True)
class OrderRequest:
    """An order to place; quantities maps product ids to pieces."""

    name: str
    email: str
    quantities: dict[int, int]


@dataclass(frozen=True)
class ProductQuery:
    """A page of products; empty search and category mean all."""

    search: str = ""
    category: str = ""
    page: int = 1

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * PAGE_SIZE


def order_request(body: Any) -> OrderRequest:
    """Check the body of POST /api/orders; lines of the same product are added up.

    Raises:
        InvalidError: it is not as expected.
    """
    root = _dict(body, "the body", {"customer", "lines"})
    customer = _dict(root["customer"], "customer", {"name", "email"})
    email = _text(customer["email"], "customer.email", 254)
    if not _EMAIL.fullmatch(email):
        raise InvalidError("expected customer.email to be an address such as a@example.com")
    lines = root["lines"]
    if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_LINES:
        raise InvalidError(f"expected lines to be a list of 1 to {MAX_LINES} lines")
    quantities: dict[int, int] = {}
    for number, raw in enumerate(lines, 1):
        line = _dict(raw, f"line {number}", {"product_id", "quantity"})
        product = _number(line["product_id"], f"line {number}: product_id", MAX_ID)
        pieces = _number(line["quantity"], f"line {number}: quantity", MAX_QUANTITY)
        quantities[product] = quantities.get(product, 0) + pieces
    if max(quantities.values()) > MAX_QUANTITY:
        raise InvalidError(f"expected at most {MAX_QUANTITY} pieces of a product in one order")
    return OrderRequest(_text(customer["name"], "customer.name", 100), email, quantities)


def product_query(arguments: Mapping[str, str]) -> ProductQuery:
    """Check the query string of GET /api/products.

    Raises:
        InvalidError: an unknown argument, or a page that is no number.
    """
    unknown = sorted(set(arguments) - {"search", "category", "page"})
    if unknown:
        raise InvalidError(f"expected search, category or page, found '{unknown[0]}'")
    page = arguments.get("page", "1")
    if not re.fullmatch("[0-9]{1,4}", page) or not 1 <= int(page) <= MAX_PAGE:
        raise InvalidError(f"expected page to be a number from 1 to {MAX_PAGE}")
    texts = {key: arguments.get(key, "").strip() for key in ("search", "category")}
    for key, value in texts.items():
        if len(value) > 100 or not value.isprintable():
            raise InvalidError(f"expected {key} to be printable text of up to 100 characters")
    return ProductQuery(texts["search"], texts["category"], int(page))


def like(search: str) -> str:
    """A pattern for ILIKE that finds the text anywhere, its own wildcards taken literally."""
    escaped = re.sub(r"([\\%_])", r"\\\1", search)
    return f"%{escaped}%"


def _dict(value: Any, what: str, keys: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != keys:
        raise InvalidError(f"expected {what} to have exactly the keys {', '.join(sorted(keys))}")
    return value


def _text(value: Any, what: str, limit: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(text) <= limit or not text.isprintable():
        raise InvalidError(f"expected {what} to be text of 1 to {limit} characters")
    return text


def _number(value: Any, what: str, limit: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= limit:
        raise InvalidError(f"expected {what} to be a whole number from 1 to {limit}")
    return value
