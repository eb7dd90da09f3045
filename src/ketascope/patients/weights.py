"""The weight that a dose per kilogram is based on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.patients import sizes

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from ketascope.patients.population import Population

BASES = ("actual", "ideal", "lean", "adjusted")
_NEEDS = {
    "actual": ("weight",),
    "ideal": ("height", "sex"),
    "lean": ("weight", "height", "sex"),
    "adjusted": ("weight", "height", "sex"),
}


def missing_for(basis: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a weight needs and a person does not have, such as ``("height", "sex")``.

    Parameters
    ----------
    basis : {"actual", "ideal", "lean", "adjusted"}
    known : mapping
        Values by name; None where one is unknown.
    """
    return tuple(name for name in _NEEDS[basis] if known.get(name) is None)


def weight_for(people: Population | pd.DataFrame, basis: str = "actual") -> NDArray[np.float64]:
    """Return the weight in kg that a dose per kilogram uses, for each person.

    Parameters
    ----------
    people : Population or DataFrame
        One row a person, with columns weight (kg), height (cm) and sex as the basis needs.
    basis : {"actual", "ideal", "lean", "adjusted"}

    Returns
    -------
    ndarray of float64, shape (people,), kg

    Raises
    ------
    InputError
        For another basis, or if something that the basis needs is unknown for someone.
    """
    import numpy as np

    if basis not in BASES:
        raise InputError(
            f"the weight '{basis}' is not known", hint=f"choose one of {', '.join(BASES)}"
        )
    frame = _frame(people)
    for column in _NEEDS[basis]:
        missing = frame[column].isna().to_numpy() if column in frame else np.ones(len(frame), bool)
        if missing.any():
            raise InputError(
                f"{basis} weight needs the {column}, which is unknown for "
                f"{_who(frame, int(np.argmax(missing)))}",
                hint=f"give the {column} or dose by another weight",
            )
    weight, height, sex = (
        frame[column].to_numpy() if column in frame else None
        for column in ("weight", "height", "sex")
    )
    inputs: dict[str, Any] = {"weight": weight, "height": height, "sex": sex}
    if basis == "actual":
        return np.asarray(weight, dtype=np.float64)
    function: Any = getattr(sizes, f"{basis}_weight")
    result: NDArray[np.float64] = function(**{name: inputs[name] for name in _NEEDS[basis]})
    return result


def weight_notes(people: Population | pd.DataFrame, basis: str) -> tuple[str, ...]:
    """Say what should be known about the weights of :func:`weight_for`: sentences, or none."""
    if basis not in ("ideal", "adjusted"):
        return ()
    short = int((_frame(people)["height"] < sizes.FIVE_FEET).sum())
    if not short:
        return ()
    noun = "person is" if short == 1 else "people are"
    return (
        f"{short} {noun} shorter than 152.4 cm, where the equation for ideal weight "
        "(Devine 1974) is not defined; its line was continued downwards.",
    )


def _frame(people: Population | pd.DataFrame) -> pd.DataFrame:
    data: Any = getattr(people, "data", people)
    frame: pd.DataFrame = data
    return frame


def _who(frame: pd.DataFrame, row: int) -> str:
    if len(frame) == 1:
        return "this person"
    return f"person {frame['id'].iloc[row]}" if "id" in frame else f"row {row + 1}"
