"""Published beside simulated: ``ketascope.validate``."""

from ketascope.checks.comparison import Row, counts, validate

__all__ = ["Row", "counts", "validate"]
