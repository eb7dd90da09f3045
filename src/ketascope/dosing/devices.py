"""Devices that give fixed doses: which amounts they can give, and when each is used."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ketascope.dosing.numbers import number_words
from ketascope.dosing.values import Amount, Drug, Form, Route
from ketascope.errors import InputError

if TYPE_CHECKING:
    from ketascope.dosing.schemas import Device

#: Relative difference below which an amount converted from a salt is one the device gives:
#: 32.3 mg of hydrochloride is labelled as 28 mg of base, the molar masses make it 28.005 mg.
TOLERANCE = 5e-3


@cache
def devices() -> tuple[Device, ...]:
    """Return every known device."""
    from ketascope.dosing.schemas import Device, load

    return tuple(load("devices.yaml", Device))


def device_for(drug: Drug | None, route: Route | None, form: Form | None) -> Device | None:
    """Return the device that a dose is given with; None without one, or if a form is named."""
    if form is not None or route is None:
        return None
    if (drug, route) != ("esketamine", "intranasal"):
        return None
    return next((d for d in devices() if (d.drug, d.route) == (drug, route)), None)


def nearest(drug: Drug | None, route: Route | None, form: Form | None, mg: float) -> float:
    """Return the amount of whole sprays within :data:`TOLERANCE` of ``mg``, else ``mg`` itself."""
    device = device_for(drug, route, form)
    if device is None:
        return mg
    whole = round(mg / device.spray_mg) * device.spray_mg
    return whole if abs(whole - mg) <= TOLERANCE * mg else mg


def split(
    drug: Drug,
    route: Route,
    form: Form | None,
    amount: Amount,
    spacing_min: float | None = None,
) -> tuple[tuple[float, Amount], ...]:
    """Divide a dose over devices.

    Parameters
    ----------
    drug, route, form, amount
        The dose.
    spacing_min : float, optional
        Minutes from one device to the next; the device's own by default.

    Returns
    -------
    tuple of (float, Amount)
        Hours after the first device, and what each gives. One entry at 0 without a device.

    Raises
    ------
    InputError
        If the device cannot give the amount.
    """
    device = device_for(drug, route, form)
    if device is None:
        return ((0.0, amount),)
    sprays = amount.value / device.spray_mg
    if amount.unit != "mg" or sprays != int(sprays):
        doses = ", ".join(number_words(device.device_mg * i) for i in (1, 2, 3))
        raise InputError(
            f"the {device.name} gives {number_words(device.spray_mg)} mg a spray, so it cannot"
            f" give {amount}",
            hint=f"give {doses} mg, another multiple of {number_words(device.spray_mg)} mg, or say"
            " 'intranasal solution' for a spray that is not this device",
        )
    whole, rest = divmod(int(sprays), device.sprays)
    gap = (device.spacing_min if spacing_min is None else spacing_min) / 60
    amounts = [device.device_mg] * whole + [rest * device.spray_mg] * (rest > 0)
    return tuple((i * gap, Amount(mg, "mg")) for i, mg in enumerate(amounts))
