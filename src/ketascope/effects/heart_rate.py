"""Heart rate: why it is not predicted, with what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ketascope.effects.effect import Effect, never_worked_out

if TYPE_CHECKING:
    from ketascope.effects.effect import Driving

NOT_PREDICTED: Final = (
    "no course over time and no relation with concentration was read: after 0.5 mg/kg over 40 min "
    "it rose by 1.9 a minute in the mean (Zhou 2021), at anaesthetic levels of S-ketamine by up to "
    "43.5 %, eight volunteers (Långsjö 2005), and under infusions for anaesthesia by 15 to 30 % "
    "(Idvall 1979). Not predicted does not mean safe: measure it with "
    "the pressure (ketascope findings heart_rate)"
)
"""Why a change of heart rate is not predicted."""


def _why_not(driving: Driving) -> str:
    return NOT_PREDICTED


EFFECTS: tuple[Effect, ...] = (
    never_worked_out(
        "heart_rate", "Heart rate", "1/min", ("zhou_2021", "langsjo_2005", "idvall_1979"), _why_not
    ),
)
"""Says why heart rate is not worked out."""
