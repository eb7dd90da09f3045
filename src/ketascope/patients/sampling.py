"""Draw what is not known of people, given what is.

One rule: what is given stays; the rest is drawn from its distribution given what is known.

1. Age does not depend on anything else.
2. Sex, then race, follow their shares, weighed by how well a known height and weight fit each
   combination (by Bayes' rule).
3. Height follows its distribution for the sex and race; if the weight is known, its distribution
   among people of that sex, race and weight.
4. Weight is a body mass index, drawn for the sex and race, times height squared.

Every draw inverts a distribution function on a uniform number, restricted to the allowed range, so
a person uses one number for each covariate whatever the others are: the numbers of person *i*
depend on the seed and *i* alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ketascope.draws import uniform
from ketascope.errors import InputError
from ketascope.patients.distributions import Distributions, distributions
from ketascope.patients.values import ADULT_AGE, BMI_LIMITS, COVARIATES, SEXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ketascope.patients.distributions import BodySize

    Floats = NDArray[np.float64]
    Columns = dict[str, NDArray[Any]]

_GRID_STEP = 0.25  # cm; heights given a weight are inverted on this grid, linearly in between
_PART = 256


def complete(
    known: Mapping[str, NDArray[Any]], seed: int, who: Callable[[int], str]
) -> tuple[Columns, dict[str, int]]:
    """Fill in what is unknown.

    Parameters
    ----------
    known : mapping
        Arrays of one length: age (y), weight (kg), height (cm) with NaN for unknown; sex and race
        (dtype object) with None for unknown.
    seed : int
    who : callable
        Names the person of a row, for messages.

    Returns
    -------
    columns : dict
        The same arrays, filled. A child's height stays unknown.
    drawn : dict
        How many people had each covariate drawn; only those above zero.

    Raises
    ------
    InputError
        For a child (under 18 years) of unknown weight, or an adult weight that no height fits.
    """
    import numpy as np

    law = distributions()
    columns = {key: known[key].copy() for key in COVARIATES}
    missing = {key: _unknown(columns[key]) for key in COVARIATES}
    with np.errstate(invalid="ignore"):
        child = columns["age"] < ADULT_AGE
    _refuse_children(child & missing["weight"], columns["age"], who)
    missing["height"] &= ~child
    everyone = np.arange(len(child))

    draws = {
        key: uniform(seed, everyone, f"covariate:{key}") for key in COVARIATES if missing[key].any()
    }
    if "age" in draws:
        columns["age"][missing["age"]] = _age(law, draws["age"][missing["age"]])
    _fill_sex_and_race(law, columns, missing, child, draws)
    if "height" in draws:
        rows = np.flatnonzero(missing["height"])
        some = {name: column[rows] for name, column in columns.items()}
        columns["height"][rows] = _height(law, some, draws["height"][rows], _named(who, rows))
    if "weight" in draws:
        rows = np.flatnonzero(missing["weight"])
        some = {name: column[rows] for name, column in columns.items()}
        columns["weight"][rows] = _weight(law, some, draws["weight"][rows])
    return columns, {key: int(rows.sum()) for key, rows in missing.items() if rows.any()}


def _named(who: Callable[[int], str], rows: NDArray[np.intp]) -> Callable[[int], str]:
    return lambda position: who(int(rows[position]))


def _unknown(column: NDArray[Any]) -> NDArray[np.bool_]:
    import numpy as np

    if column.dtype == object:
        return np.array([value is None for value in column], dtype=np.bool_)
    return np.asarray(np.isnan(column))


def _refuse_children(rows: NDArray[np.bool_], age: Floats, who: Callable[[int], str]) -> None:
    import numpy as np

    if rows.any():
        row = int(np.argmax(rows))
        raise InputError(
            f"{who(row)} is {age[row]:g} years old and the body size of people under 18 is not "
            "drawn",
            hint="give the weight (and the height, if the dose needs it)",
        )


def _restricted(u: Floats, low: Any, high: Any) -> Floats:
    """Normal scores of uniform numbers, restricted to lie between two normal scores."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    below, above = ndtr(low), ndtr(high)
    # The range can lie so far out that both ends round to the same share; stay inside (0, 1).
    share = np.clip(below + u * (above - below), 1e-300, 1.0 - 1e-16)
    return np.asarray(np.clip(ndtri(share), low, high), dtype=np.float64)


def _age(law: Distributions, u: Floats) -> Floats:
    low, high = ((edge - law.age_location) / law.age_sd for edge in law.age)
    return law.age_location + law.age_sd * _restricted(u, low, high)


def _fill_sex_and_race(
    law: Distributions,
    columns: Columns,
    missing: Mapping[str, NDArray[np.bool_]],
    child: NDArray[np.bool_],
    draws: Mapping[str, Floats],
) -> None:
    """Draw sex, then race given sex; size counts for adults of whom some of it is known."""
    import numpy as np

    sized = ~(np.isnan(columns["height"]) & np.isnan(columns["weight"])) & ~child
    races = list(law.race)
    for telling in (False, True):
        rows = np.flatnonzero((sized == telling) & (missing["sex"] | missing["race"]))
        if not len(rows):
            continue
        chance = np.broadcast_to(_prior(law), (len(rows), 2, len(races)))
        if telling:
            chance = _posterior(law, {key: column[rows] for key, column in columns.items()})
        if "sex" in draws:
            picked = _pick(SEXES, chance.sum(axis=2), draws["sex"][rows])
            columns["sex"][rows] = np.where(missing["sex"][rows], picked, columns["sex"][rows])
        if "race" in draws:
            sex = np.where(columns["sex"][rows] == SEXES[0], 0, 1)
            picked = _pick(races, chance[np.arange(len(rows)), sex], draws["race"][rows])
            columns["race"][rows] = np.where(missing["race"][rows], picked, columns["race"][rows])


def _pick(names: Sequence[str], share: Floats, u: Floats) -> NDArray[Any]:
    """Choose a name for each row by its uniform number and its shares (people, names)."""
    import numpy as np

    steps = np.cumsum(share, axis=1)
    chosen = (u[:, None] >= steps[:, :-1] / steps[:, -1:]).sum(axis=1)
    return np.asarray(np.array(names, dtype=object)[chosen])


def _prior(law: Distributions) -> Floats:
    """Shares of sex (rows: female, male) and race (columns, in the order of ``law.race``)."""
    import numpy as np

    sexes, races = [law.female, 1.0 - law.female], list(law.race.values())
    return np.asarray(np.outer(sexes, races), dtype=np.float64)


def _posterior(law: Distributions, columns: Columns) -> Floats:
    """Chance of each sex and race, shape (people, 2, races), given the known sizes and classes."""
    import numpy as np

    races = list(law.race)
    logs = np.empty((len(columns["age"]), 2, len(races)))
    for row, sex in enumerate(SEXES):
        fit = {
            group: _log_fit(law, law.size[sex, group], columns["height"], columns["weight"])
            for group in set(law.group.values())
        }
        for column, race in enumerate(races):
            logs[:, row, column] = fit[law.group[race]]
    logs[~np.isfinite(logs).any(axis=(1, 2))] = 0.0  # a size that no group has tells nothing
    likely = np.exp(logs - logs.max(axis=(1, 2), keepdims=True)) * _prior(law)
    known = _known(columns["sex"], SEXES)[:, :, None] & _known(columns["race"], races)[:, None, :]
    possible = likely * known
    # Where nothing is left of the given classes, the size tells nothing of the other one.
    lost = possible.sum(axis=(1, 2)) == 0.0
    possible[lost] = (_prior(law) * known)[lost]
    return np.asarray(possible)


def _known(given: NDArray[Any], names: Sequence[str]) -> NDArray[np.bool_]:
    """Which names each person may have, shape (people, names): all where None is given."""
    import numpy as np

    allowed = [[value is None or value == name for name in names] for value in given]
    return np.array(allowed, dtype=np.bool_)


def _log_fit(law: Distributions, size: BodySize, height: Floats, weight: Floats) -> Floats:
    """Logarithm of the density of what is known of height and weight (NaN = unknown)."""
    import numpy as np

    tall, heavy = ~np.isnan(height), ~np.isnan(weight)
    logs = np.zeros(len(height))
    logs[tall & heavy] = size.log_density(height[tall & heavy], weight[tall & heavy])
    logs[tall & ~heavy] = size.log_height(height[tall & ~heavy])
    each, back = np.unique(weight[heavy & ~tall], return_inverse=True)
    grid = _heights(law)
    marginal = np.empty(len(each))
    with np.errstate(divide="ignore"):
        for part in _parts(len(each)):
            marginal[part] = np.log(np.exp(size.log_density(grid, each[part, None])).sum(axis=1))
    logs[heavy & ~tall] = marginal[back]
    return logs


def _parts(n: int) -> Iterator[slice]:
    """Slices that keep a table of weights by heights small enough for the cache."""
    return (slice(start, start + _PART) for start in range(0, n, _PART))


def _heights(law: Distributions) -> Floats:
    import numpy as np

    low, high = law.height
    return np.arange(low, high + _GRID_STEP / 2, _GRID_STEP)


def _height(law: Distributions, some: Columns, u: Floats, who: Callable[[int], str]) -> Floats:
    import numpy as np

    result = np.empty(len(u))
    for size, chosen in _by_size(law, some):
        low, high = ((edge - size.height_mean) / size.height_sd for edge in law.height)
        free = chosen & np.isnan(some["weight"])
        result[free] = size.height_mean + size.height_sd * _restricted(u[free], low, high)
        bound = np.flatnonzero(chosen & ~free)
        each, back = np.unique(some["weight"][bound], return_inverse=True)
        by_weight = bound[np.argsort(back, kind="stable")]
        ends = np.cumsum(np.bincount(back, minlength=len(each)))
        groups = np.split(by_weight, ends)
        for part in _parts(len(each)):
            shares = _height_shares(law, size, each[part])
            for w, share, here in zip(each[part], shares, groups[part], strict=False):
                if np.isnan(share[-1]):
                    raise InputError(
                        f"no adult height fits the weight {w:g} kg of {who(int(here[0]))}",
                        hint="check the weight, or give the height too",
                    )
                result[here] = np.interp(u[here], share, _heights(law))
    return result


def _by_size(law: Distributions, some: Columns) -> Iterator[tuple[BodySize, NDArray[np.bool_]]]:
    import numpy as np

    asian = np.isin(some["race"], [race for race, group in law.group.items() if group == "asian"])
    for (sex, group), size in law.size.items():
        yield size, (some["sex"] == sex) & (asian == (group == "asian"))


def _height_shares(law: Distributions, size: BodySize, weight: Floats) -> Floats:
    """Distribution function of height on the grid, given a weight, shape (weights, heights).

    A row of NaN: no height makes the weight one that an adult of the group can have.
    """
    import numpy as np

    grid = _heights(law)
    logs = size.log_density(grid, weight[:, None])
    bmi = weight[:, None] / (grid / 100.0) ** 2
    logs[(bmi < BMI_LIMITS[0]) | (bmi > BMI_LIMITS[1])] = -np.inf
    top = logs.max(axis=1, keepdims=True)
    density = np.exp(logs - np.where(np.isfinite(top), top, 0.0))
    inside = (density[:, 1:] > 0.0) & (density[:, :-1] > 0.0)
    steps = np.cumsum((density[:, 1:] + density[:, :-1]) * inside, axis=1)
    with np.errstate(invalid="ignore"):
        return np.pad(steps / steps[:, -1:], ((0, 0), (1, 0)))


def _weight(law: Distributions, some: Columns, u: Floats) -> Floats:
    import numpy as np

    height = some["height"]
    square = (height / 100.0) ** 2
    usual = (height >= law.height[0]) & (height <= law.height[1])
    # For a given height outside the usual range the range of weight says nothing.
    low = np.where(usual, np.maximum(law.bmi[0], law.weight[0] / square), law.bmi[0])
    high = np.where(usual, np.minimum(law.bmi[1], law.weight[1] / square), law.bmi[1])
    result = np.empty(len(u))
    for size, rows in _by_size(law, some):
        ends = size.bmi_score(low[rows]), size.bmi_score(high[rows])
        result[rows] = size.bmi_at(_restricted(u[rows], *ends)) * square[rows]
    return result
