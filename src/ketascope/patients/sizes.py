"""Body size: ideal, lean and adjusted weight, body mass index, body surface area.

Every function takes numbers or arrays that broadcast together and returns float64; an unknown
(NaN) size gives NaN. Weights are in kg, heights in cm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.evidence.parameter import Parameter, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_DEVINE = Place(
    "devine_1974",
    "equation for ideal weight",
    "as quoted, in one wording, by clinical references and reviews (Peterson 2016, ClinCalc, "
    "GlobalRPh); pai_paloucek_2000 tells where it comes from; the 1974 paper was not read",
)
_LEAN = Place(
    "janmahasatian_2005",
    "final equations for fat-free mass",
    "abstract read at the publisher; the equations as quoted by Arch Dis Child Educ Pract Ed "
    "(size descriptors, Table 2) and other secondary sources",
)
_ADJUSTED = Place(
    "traynor_1995", "abstract: ideal weight plus 40 % of the excess", "abstract read; paper not"
)
_AREA = Place("mosteller_1987", "the equation", "as quoted by secondary sources")

IDEAL_MALE = Parameter("ideal_male", 50.0, "kg", "ideal weight of a man of 5 ft", _DEVINE)
IDEAL_FEMALE = Parameter("ideal_female", 45.5, "kg", "ideal weight of a woman of 5 ft", _DEVINE)
IDEAL_SLOPE = Parameter("ideal_slope", 2.3, "kg/inch", "ideal weight for each inch more", _DEVINE)
IDEAL_LOWEST = Parameter(
    "ideal_lowest",
    120.0,
    "cm",
    "height below which no ideal weight is given",
    _DEVINE,
    status="assumed",
    note="The equation is written for people over 5 ft (152.4 cm). From there down to this height "
    "the same line is continued, as most clinical references do; it would reach zero near 1 m.",
)
LEAN_SCALE = Parameter("lean_scale", 9270.0, "1", "numerator of lean weight", _LEAN)
LEAN_MALE = Parameter("lean_male", 6680.0, "1", "constant of lean weight, men", _LEAN)
LEAN_MALE_BMI = Parameter("lean_male_bmi", 216.0, "m**2/kg", "factor of BMI, men", _LEAN)
LEAN_FEMALE = Parameter("lean_female", 8780.0, "1", "constant of lean weight, women", _LEAN)
LEAN_FEMALE_BMI = Parameter("lean_female_bmi", 244.0, "m**2/kg", "factor of BMI, women", _LEAN)
ADJUSTED_SHARE = Parameter(
    "adjusted_share",
    0.4,
    "1",
    "share of the weight above ideal that counts",
    _ADJUSTED,
    note="Made for aminoglycosides (that study itself found 0.43); nobody has shown that it suits "
    "ketamine.",
)
AREA_DIVISOR = Parameter("area_divisor", 3600.0, "cm*kg/m**4", "divisor under the root", _AREA)

PARAMETERS = (
    IDEAL_MALE,
    IDEAL_FEMALE,
    IDEAL_SLOPE,
    IDEAL_LOWEST,
    LEAN_SCALE,
    LEAN_MALE,
    LEAN_MALE_BMI,
    LEAN_FEMALE,
    LEAN_FEMALE_BMI,
    ADJUSTED_SHARE,
    AREA_DIVISOR,
)

CM_PER_INCH = 2.54
FIVE_FEET = 60 * CM_PER_INCH


def ideal_weight(height: ArrayLike, sex: ArrayLike) -> Floats:
    """Ideal weight: 50 kg (men) or 45.5 kg (women) at 5 ft, 2.3 kg for each inch more.

    Below 152.4 cm the same line is continued (an assumption, see :data:`IDEAL_LOWEST`).

    Parameters
    ----------
    height : array_like, cm
    sex : array_like of "female" or "male"

    Returns
    -------
    ndarray of float64, kg

    Raises
    ------
    InputError
        If a height is below 120 cm or a sex is not known.

    References
    ----------
    devine_1974; history in pai_paloucek_2000.
    """
    import numpy as np

    tall = np.asarray(height, dtype=np.float64)
    if np.any(tall < IDEAL_LOWEST.value):
        raise InputError(
            f"no ideal weight is defined for a height of {float(np.nanmin(tall)):g} cm",
            hint="use the actual weight",
        )
    base = np.where(_is_male(sex), IDEAL_MALE.value, IDEAL_FEMALE.value)
    return _floats(base + IDEAL_SLOPE.value * (tall - FIVE_FEET) / CM_PER_INCH)


def lean_weight(weight: ArrayLike, height: ArrayLike, sex: ArrayLike) -> Floats:
    """Lean body weight, as fat-free mass: 9270 W / (6680 + 216 BMI), women 8780 and 244.

    Made from adults of 41 to 217 kg and 17 to 70 kg/m2.

    Parameters
    ----------
    weight : array_like, kg
    height : array_like, cm
    sex : array_like of "female" or "male"

    Returns
    -------
    ndarray of float64, kg

    References
    ----------
    janmahasatian_2005
    """
    import numpy as np

    bmi = body_mass_index(weight, height)
    male = _is_male(sex)
    constant = np.where(male, LEAN_MALE.value, LEAN_FEMALE.value)
    factor = np.where(male, LEAN_MALE_BMI.value, LEAN_FEMALE_BMI.value)
    return _floats(LEAN_SCALE.value * np.asarray(weight) / (constant + factor * bmi))


def adjusted_weight(weight: ArrayLike, height: ArrayLike, sex: ArrayLike) -> Floats:
    """Ideal weight plus 0.4 of the weight above it.

    For someone lighter than the ideal the same equation gives a weight between the two.

    Parameters, shapes and errors as in :func:`lean_weight` and :func:`ideal_weight`.

    References
    ----------
    traynor_1995, devine_1974
    """
    import numpy as np

    ideal = ideal_weight(height, sex)
    return _floats(ideal + ADJUSTED_SHARE.value * (np.asarray(weight) - ideal))


def body_mass_index(weight: ArrayLike, height: ArrayLike) -> Floats:
    """Weight (kg) over the square of height (given in cm, taken in m); kg/m2."""
    import numpy as np

    metres = np.asarray(height, dtype=np.float64) / 100.0
    return _floats(np.asarray(weight, dtype=np.float64) / metres**2)


def body_surface_area(weight: ArrayLike, height: ArrayLike) -> Floats:
    """Body surface area in m2: the root of weight (kg) times height (cm) over 3600.

    References
    ----------
    mosteller_1987
    """
    import numpy as np

    product = np.asarray(weight, dtype=np.float64) * np.asarray(height, dtype=np.float64)
    return _floats(np.sqrt(product / AREA_DIVISOR.value))


def _is_male(sex: ArrayLike) -> NDArray[np.bool_]:
    import numpy as np

    words = np.asarray(sex, dtype=object)
    male = words == "male"
    known = male | (words == "female")
    if not np.all(known):
        raise InputError("a sex is not known", hint="give female or male")
    return np.asarray(male, dtype=np.bool_)


def _floats(value: Any) -> Floats:
    import numpy as np

    return np.asarray(value, dtype=np.float64)
