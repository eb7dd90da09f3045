"""Calibrations of effects: what a script of this project fitted, with its uncertainty.

Each lies in ``effects/data/NAME.yaml``, written by ``calibration/NAME.py`` from published points
that the file names. A parameter is fitted on a scale on which its error is near to normal; draws
are made there and turned back. Where errors together are not near to normal, a sample from the
likelihood lies beside the file, and draws are rows of it.

>>> from ketascope.effects.calibrated import Calibration, CalibratedParameter
>>> half = CalibratedParameter(name="ec50", value=100.0, unit="ng/mL", scale="log", se=0.2,
...                            meaning="concentration of half the effect")
>>> toy = Calibration(name="toy", title="Toy", script="calibration/toy.py", method="none",
...                   parameters=(half,), covariance=((0.04,),), points=(), studies=())
>>> toy.central()
{'ec50': 100.0}
>>> 80 < float(sorted(toy.draws(5, seed=1)["ec50"])[2]) < 125
True
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.draws import even
from ketascope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

Scale = Literal["identity", "log", "logit"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CalibratedParameter(_Strict):
    """One parameter: fitted, or held at a value that is said to be assumed or published.

    Parameters
    ----------
    name, unit, meaning : str
    value : float
        In ``unit``.
    scale : {"identity", "log", "logit"}
        On which it was fitted and is drawn.
    se : float
        Standard error on that scale; 0 where it was held.
    held : str
        Why it was not fitted, with its source; empty for a fitted one.
    assumed : str
        What was assumed of it before the fit, and how much of that the points took away; empty
        where the points alone decided.
    """

    name: str
    value: float
    unit: str
    scale: Scale = "identity"
    se: float = Field(default=0.0, ge=0)
    meaning: str = Field(min_length=1)
    held: str = ""
    assumed: str = ""

    @property
    def fitted(self) -> bool:
        """Whether it was free in the fit and is drawn; ``assumed`` says what it owes to that."""
        return not self.held

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.fitted and self.se == 0:
            raise ValueError(f"{self.name}: a fitted parameter has a standard error")
        if self.scale == "log" and self.value <= 0:
            raise ValueError(f"{self.name}: {self.value} has no logarithm")
        if self.scale == "logit" and not 0 < self.value < 1:
            raise ValueError(f"{self.name}: {self.value} has no logit")
        return self


class FittedPoint(_Strict):
    """A published number, what the calibration makes of it, and how far apart they are.

    Parameters
    ----------
    id : str
        Id of the published value.
    published, fitted : float
        In ``unit``.
    error : float
        Standard error that the fit gave the point, on the scale of the residual.
    z : float
        Residual over that error.
    """

    id: str
    published: float
    fitted: float
    unit: str
    error: float = Field(gt=0)
    z: float


class Calibration(_Strict):
    """One calibration of this project.

    Parameters
    ----------
    name, title : str
    script : str
        The script that wrote it.
    method : str
        Model and fit in a few sentences.
    parameters : tuple of CalibratedParameter
    covariance : tuple
        Of the fitted parameters in their order, on their scales.
    points : tuple of FittedPoint
    studies : tuple of str
        Studies of the points, as in ``effects_split.yaml``.
    chi_square, degrees_of_freedom : float, int
    widened_by : float
        Factor by which the errors were widened because points disagree.
    limits : tuple of str
        What it does not say.
    sources : tuple of str
        Keys in ``sources.bib``.
    sample : str
        File of a sample from the likelihood or posterior, a row for each draw and a column for each
        fitted parameter on its scale; empty where draws are normal.
    borrowed_from : str
        Calibration from which parameters are borrowed; empty where none are.
    borrowed : tuple of str
        Those parameters. The samples go together row by row, so that a draw of a number has them
        as the other calibration has them.
    """

    name: str
    title: str
    script: str
    method: str
    parameters: tuple[CalibratedParameter, ...]
    covariance: tuple[tuple[float, ...], ...]
    points: tuple[FittedPoint, ...]
    studies: tuple[str, ...]
    chi_square: float | None = None
    degrees_of_freedom: int | None = None
    widened_by: float = Field(default=1.0, ge=1)
    limits: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sample: str = ""
    borrowed_from: str = ""
    borrowed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        count = len(self.fitted)
        if len(self.covariance) != count or any(len(row) != count for row in self.covariance):
            raise ValueError(f"{count} fitted parameters need a covariance of {count} by {count}")
        for k, parameter in enumerate(self.fitted):
            if not math.isclose(parameter.se**2, self.covariance[k][k], rel_tol=0.02):
                raise ValueError(f"{parameter.name}: its error and its variance disagree")
        if self.borrowed and not self.sample:
            raise ValueError("what is borrowed is shared row by row: a sample is needed")
        return self

    @property
    def fitted(self) -> tuple[CalibratedParameter, ...]:
        """The parameters that the points decided."""
        return tuple(p for p in self.parameters if p.fitted)

    def central(self) -> dict[str, float]:
        """Return the estimates."""
        return {p.name: p.value for p in self.parameters}

    def draws(self, count: int, seed: int) -> dict[str, Values]:
        """Return ``count`` draws of every parameter; held ones repeat their value."""
        import numpy as np

        return self.draws_of(np.arange(count), seed)

    def sampled(self) -> dict[str, Values]:
        """Return every row of the sample of the fitted parameters, each of shape (rows,).

        Raises
        ------
        InputError
            If draws are normal and there is no sample.
        """
        if not self.sample:
            raise InputError(f"the calibration '{self.name}' has no sample", hint="draws() has any")
        rows = _sample(self.sample, tuple(p.name for p in self.fitted)).T
        return {p.name: _off(p.scale, one) for p, one in zip(self.fitted, rows, strict=True)}

    def draws_of(self, index: ArrayLike, seed: int) -> dict[str, Values]:
        """Return the draws with these zero-based numbers, shape (n,); each depends on its own.

        Parameters
        ----------
        index : array_like of int, shape (n,)
        seed : int
        """
        import numpy as np
        from scipy.special import ndtr

        where = np.asarray(index, dtype=np.int64)
        found = {p.name: np.full(where.shape, p.value) for p in self.parameters}
        names = [p.name for p in self.fitted]
        if not names:
            return found
        if self.sample:
            at = _sample(self.sample, tuple(names))
            part = ndtr(even(seed, where, f"calibration:{self.borrowed_from or self.name}:row"))
            drawn = at[np.minimum((part * len(at)).astype(np.int64), len(at) - 1)].T
        else:
            drawn = self._normal(where, seed)
        for parameter, one in zip(self.fitted, drawn, strict=True):
            found[parameter.name] = _off(parameter.scale, one)
        return found

    def _normal(self, where: NDArray[np.int64], seed: int) -> Values:
        """Return normal draws on the scales of the fitted parameters, shape (parameters, n)."""
        import numpy as np

        names = [p.name for p in self.fitted]
        middle = np.array([[_on(p)] for p in self.fitted])
        streams = np.stack([even(seed, where, f"calibration:{self.name}:{n}") for n in names])
        return np.asarray(middle + np.linalg.cholesky(np.asarray(self.covariance)) @ streams)


def _on(parameter: CalibratedParameter) -> float:
    """Return the estimate on its scale."""
    if parameter.scale == "log":
        return math.log(parameter.value)
    if parameter.scale == "logit":
        return math.log(parameter.value / (1 - parameter.value))
    return parameter.value


def _off(scale: Scale, at: Values) -> Values:
    import numpy as np

    if scale == "log":
        return np.asarray(np.exp(at))
    if scale == "logit":
        return np.asarray(1 / (1 + np.exp(-at)))
    return np.asarray(at)


@lru_cache(maxsize=8)
def _sample(file: str, names: tuple[str, ...]) -> Values:
    """Return rows of a sample on their scales, shape (rows, parameters)."""
    from importlib.resources import files

    import numpy as np

    text = (files("ketascope.effects") / "data" / file).read_text(encoding="utf-8")
    head, *rows = text.split()
    if tuple(head.split(",")) != names:
        raise InputError("columns are not the fitted parameters", where=file)
    return np.array([[float(x) for x in row.split(",")] for row in rows])


@lru_cache(maxsize=32)
def calibration(name: str) -> Calibration:
    """Return the calibration of that name.

    Raises
    ------
    InputError
        If there is none, or its file breaks the schema.
    """
    from importlib.resources import files

    import yaml

    path = files("ketascope.effects") / "data" / f"{name}.yaml"
    if not path.is_file():
        raise InputError(f"there is no calibration '{name}'", hint=", ".join(calibrations()))
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return Calibration(**data)
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{spot}: {first['msg']}", where=f"{name}.yaml") from None


def calibrations() -> tuple[str, ...]:
    """Return the names of all calibrations of effects."""
    from importlib.resources import files

    folder = files("ketascope.effects") / "data"
    names = (p.name for p in folder.iterdir() if p.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in names))
