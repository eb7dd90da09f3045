"""Published beside simulated: ``ketascope.validate``."""

from ketascope.checks.comparison import validate
from ketascope.checks.rows import Row, counts, in_words

__all__ = ["Row", "counts", "in_words", "validate"]
