"""Errors that a user can act on.

Every message is one sentence: what is wrong, where, and what would be right.
"""


class KetascopeError(Exception):
    """Base of every error that Ketascope raises on purpose."""


class InputError(KetascopeError):
    """Something the user gave cannot be used.

    Parameters
    ----------
    message : str
        What is wrong, as a clause without a full stop.
    where : str, optional
        The place: a file, a line, a word, an option.
    hint : str, optional
        What would be right.
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.message = message
        self.where = where
        self.hint = hint
        super().__init__(message, where, hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}; {self.hint}." if self.hint else f"{text}."


class Unsupported(InputError):
    """What was asked for is well formed, but no published model covers it."""


class NotConverged(InputError):
    """A numerical solution could not be brought below its tolerance."""
