"""The one tree of errors that the command line shows as a clear line, never as a traceback."""


class HoldfastError(Exception):
    """Says what was expected, what was found and what to do; shown to the person as it is."""

    exit_code = 1


class WrongCallError(HoldfastError):
    """The call itself cannot be understood (exit code 2, as click's own)."""

    exit_code = 2
