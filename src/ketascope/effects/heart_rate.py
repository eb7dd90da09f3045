"""Heart rate: why it is not predicted, with what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ketascope.effects.effect import Effect
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ketascope.effects.effect import Driving, Theta

NOT_PREDICTED: Final = (
    "no course over time and no relation with concentration was read: it rose by up to 43.5 % at "
    "anaesthetic levels of S-ketamine, eight volunteers (Långsjö 2005), and by 15 to 30 % under "
    "infusions for anaesthesia (Idvall 1979). Not predicted does not mean safe: measure it with "
    "the pressure (ketascope findings heart_rate)"
)
"""Why a change of heart rate is not predicted."""


def _why_not(driving: Driving) -> str:
    return NOT_PREDICTED


def _refuse(driving: Driving, theta: Theta) -> NDArray[np.float64]:
    raise Unsupported("heart rate is not predicted", hint=NOT_PREDICTED)


EFFECTS: tuple[Effect, ...] = (
    Effect(
        name="heart_rate",
        display="Heart rate",
        unit="1/min",
        kind="published",
        text="Not predicted: no published course or relation with concentration was read.",
        sources=("langsjo_2005", "idvall_1979", "doherty_2020"),
        curve=_refuse,
        why_not=_why_not,
    ),
)
"""Says why heart rate is not worked out."""
