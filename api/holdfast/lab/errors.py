"""What can go wrong in the lab, told in one line."""

from holdfast.core.errors import HoldfastError


class LabError(HoldfastError):
    """The lab cannot do what was asked: what was expected, found, and what to do."""


class MissingError(LabError):
    """This machine lacks something the lab needs."""
