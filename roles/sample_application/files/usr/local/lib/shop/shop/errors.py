# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong in the shop, as the API tells it."""

from __future__ import annotations


class ShopError(Exception):
    """An answer other than success.

    status is the HTTP status; code is for programs, message for people.
    """

    status = 500
    code = "internal"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidError(ShopError):
    """The request is not what the interface expects."""

    status = 400
    code = "invalid"


class NotFoundError(ShopError):
    """There is no such thing, or it belongs to somebody else: the two look the same."""

    status = 404
    code = "not_found"


class OutOfStockError(ShopError):
    """Fewer pieces are left than were asked for."""

    status = 409
    code = "out_of_stock"


class DatabaseUnavailableError(ShopError):
    """The database cannot be reached, or every connection is taken."""

    status = 503
    code = "database_unavailable"
