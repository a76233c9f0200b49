# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""pydantic and netaddr, or stand-ins that let the modules of this folder be imported without them.

Ansible imports a collection's files in places where only ansible-core is installed
(documentation, sanity tests). Whoever uses the model calls `require` first.
"""

from __future__ import annotations

from typing import Any, Callable

MISSING: list[str] = []


class _Absent:
    """Takes any call and any subscript, gives nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __class_getitem__(cls, item: Any) -> Any:
        return cls


def _keep(mode: str) -> Callable[[Any], Any]:
    """Stands in for the decorator model_validator(mode=...): leaves the function as it is."""
    return lambda function: (function, mode)[0]


try:
    from pydantic import (
        AfterValidator,
        BaseModel,
        ConfigDict,
        Field,
        StringConstraints,
        ValidationError,
        model_validator,
    )
    from pydantic_core import PydanticCustomError
except ImportError:
    MISSING.append("pydantic")
    AfterValidator = Field = StringConstraints = _Absent
    BaseModel = _Absent
    PydanticCustomError = ValidationError = ValueError
    ConfigDict = dict
    model_validator = _keep

try:
    import netaddr
except ImportError:
    MISSING.append("netaddr")
    netaddr = None


class MissingPackageError(Exception):
    """A Python package the declarations need is not installed for this interpreter."""


def require() -> None:
    """Make sure the packages are there.

    Raises:
        MissingPackageError: names what is missing and how to install it.
    """
    if MISSING:
        names = " ".join(MISSING)
        raise MissingPackageError(
            f"expected the Python packages pydantic (2.10 or newer) and netaddr beside "
            f"ansible-core, found no {' and no '.join(MISSING)}; install with: pip install {names}"
        )


__all__ = [
    "AfterValidator",
    "BaseModel",
    "ConfigDict",
    "Field",
    "MissingPackageError",
    "PydanticCustomError",
    "StringConstraints",
    "ValidationError",
    "model_validator",
    "netaddr",
    "require",
]
