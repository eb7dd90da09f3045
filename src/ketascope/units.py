"""Units at the boundary.

Inside, Ketascope uses hours, litres, kilograms and milligrams of base (or micromoles); numbers
with other units are converted here, where they come in, and nowhere else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ketascope.errors import InputError

if TYPE_CHECKING:
    import pint


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[float]:
    """Return the one Pint registry of the package (built on first use)."""
    import pint

    return pint.UnitRegistry(cache_folder=None)


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Convert a number from one unit to another.

    Parameters
    ----------
    value : float
    from_unit, to_unit : str
        Units as Pint reads them, for example ``"L/min"``; ``"1"`` for a pure number.

    Raises
    ------
    InputError
        If a unit is unknown or the two are not of one kind.
    """
    import pint

    units = registry()
    try:
        return float(units.Quantity(value, from_unit).to(to_unit).magnitude)
    except pint.UndefinedUnitError as error:
        raise InputError(f"the unit in '{from_unit}' is not known ({error})") from None
    except pint.DimensionalityError:
        raise InputError(f"'{from_unit}' cannot be turned into '{to_unit}'") from None
    except Exception:
        # Pint reads units with Python's own tokenizer, which may fail in many ways
        raise InputError(f"'{from_unit}' or '{to_unit}' is not a unit") from None
