"""What a model does wrong for somebody of a data set, although it was sound when it was loaded."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ketascope.engine.parameter_sets import Drawing, line_of
from ketascope.errors import InputError, KetascopeError
from ketascope.models.checks import check_model
from ketascope.models.places import Places
from ketascope.models.structure import Structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]


def explained(
    drawing: Drawing, subjects: Indices, solve: Callable[[Indices], Any], error: BaseException
) -> InputError | None:
    """Return a sentence for an error that is the model's own, or None if it is not.

    Parameters
    ----------
    drawing : Drawing
    subjects : ndarray of int
        People among whom it came up.
    solve : callable
        Solves some of them, to find out whose it is.
    error : BaseException
    """
    who = _culprit(subjects, solve)
    record = int(np.searchsorted(drawing.records.subject, who))
    for candidate in np.flatnonzero(drawing.records.subject == who).tolist():
        known = {name: float(column[candidate]) for name, column in drawing.columns.items()}
        found = _tried(drawing.model, known)
        if found is not None:
            return _told(drawing, candidate, found)
    found = _raised(drawing.model, error)
    return None if found is None else _told(drawing, record, found)


def _culprit(subjects: Indices, solve: Callable[[Indices], Any]) -> int:
    """Find a person who cannot be solved, half by half."""
    while len(subjects) > 1:
        half = subjects[: len(subjects) // 2]
        try:
            solve(half)
        except KetascopeError:
            raise
        except (Exception, SystemExit):
            subjects = half
        else:
            subjects = subjects[len(half) :]
    return int(subjects[0])


def _tried(model: Structure, person: dict[str, float]) -> InputError | None:
    """Try a model as on loading, with the covariates of a person of the data set."""
    same: Any = copy.copy(model)
    same.reference = {**model.reference, **person}
    try:
        check_model(same, _places(same))
    except InputError as error:
        return error
    return None


def _places(model: Structure) -> Places:
    module = sys.modules.get(type(model).__module__)
    file = getattr(module, "__file__", None)
    if file is None or not Path(file).is_file():
        return Places(model)
    return Places(model, file, Path(file).read_text(encoding="utf-8"))


def _raised(model: Structure, error: BaseException) -> InputError | None:
    """Describe what a line of the model raised."""
    line = _places(model).last_line(error)
    if line is None:
        return None
    text = str(error).split("\n")[0].rstrip(".")
    return InputError(
        f"the model {model.name} fails with {type(error).__name__}{f': {text}' if text else ''}",
        where=f"{_places(model).file}, line {line}",
    )


def _told(drawing: Drawing, record: int, error: InputError) -> InputError:
    records = drawing.records
    return InputError(
        f"{error.message}, for ID {records.ids[records.subject[record]]} at "
        f"{records.time[record]:g} h",
        where=f"{error.where}, {line_of(records, record)}",
        hint=error.hint,
    )
