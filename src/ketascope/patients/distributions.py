"""What virtual adults are drawn from: the numbers of ``distributions.yaml`` as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BodySize:
    """Height and body mass index of adults of one sex, independent of each other.

    Height (cm) is normal; body mass index (kg/m2) is ``bmi_floor`` plus a log-normal part. Where
    the numbers come from stands in ``distributions.yaml``.
    """

    height_mean: float
    height_sd: float
    bmi_floor: float
    bmi_log_mean: float
    bmi_log_sd: float

    def bmi_at(self, score: Floats) -> Floats:
        """Body mass index at a normal score."""
        import numpy as np

        return self.bmi_floor + np.exp(self.bmi_log_mean + self.bmi_log_sd * score)

    def bmi_score(self, bmi: Floats) -> Floats:
        """Normal score of a body mass index; minus infinity at the floor and below."""
        import numpy as np

        with np.errstate(divide="ignore"):
            over = np.log(np.maximum(bmi - self.bmi_floor, 0.0))
        return np.asarray((over - self.bmi_log_mean) / self.bmi_log_sd)

    def log_density(self, height: Floats, weight: Floats) -> Floats:
        """Logarithm of the joint density of height (cm) and weight (kg), up to one constant."""
        import numpy as np

        metres = height / 100.0
        bmi = weight / metres**2
        with np.errstate(divide="ignore", invalid="ignore"):
            over = np.log(np.maximum(bmi - self.bmi_floor, 0.0))
            score = (over - self.bmi_log_mean) / self.bmi_log_sd
            tail = -over - 0.5 * score**2 - np.log(self.bmi_log_sd) - 2.0 * np.log(metres)
        tail = np.where(np.isfinite(over), tail, -np.inf)
        return np.asarray(self.log_height(height) + tail)

    def log_height(self, height: Floats) -> Floats:
        """Logarithm of the density of height (cm), up to the same constant."""
        import numpy as np

        score = (height - self.height_mean) / self.height_sd
        return np.asarray(-0.5 * score**2 - np.log(self.height_sd))


@dataclass(frozen=True, slots=True)
class Distributions:
    """All that virtual adults are drawn from; ranges are inclusive.

    ``size`` holds two entries a sex: ``size[sex, group]``, where ``group[race]`` is "asian" for
    Asian and Japanese people and "all" for everyone else.
    """

    age_location: float
    age_sd: float
    age: Range
    female: float
    race: Mapping[str, float]
    group: Mapping[str, str]
    size: Mapping[tuple[str, str], BodySize]
    height: Range
    weight: Range
    bmi: Range


@lru_cache(maxsize=1)
def distributions() -> Distributions:
    """Return the distributions of ``distributions.yaml`` (read once)."""
    import yaml

    text = files(__package__).joinpath("distributions.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    people, assumed = content["published"]["people"], content["assumed"]
    derived, asian = content["derived"], content["computed"]["asian"]
    races = _races(people["race"], people["japanese_of_asian"])
    size = {}
    for sex in ("female", "male"):
        size[sex, "all"] = BodySize(**derived[sex])
        numbers = {key: value for key, value in asian[sex].items() if key != "n"}
        size[sex, "asian"] = BodySize(bmi_floor=0.0, **numbers)
    return Distributions(
        age_location=derived["age"]["location"],
        age_sd=derived["age"]["sd"],
        age=(people["age"]["low"], people["age"]["high"]),
        female=people["female"],
        race=races,
        group={race: "asian" if race in ("asian", "japanese") else "all" for race in races},
        size=size,
        height=(assumed["height"]["low"], assumed["height"]["high"]),
        weight=(people["weight"]["low"], people["weight"]["high"]),
        bmi=(assumed["bmi"]["low"], assumed["bmi"]["high"]),
    )


def _races(printed: dict[str, float], japanese_of_asian: float) -> dict[str, float]:
    """Split the printed share of Asian people and make the shares add to one."""
    total = sum(printed.values())
    shares = {race: share / total for race, share in printed.items()}
    asian = shares["asian"]
    return {
        "white": shares["white"],
        "black": shares["black"],
        "asian": asian * (1.0 - japanese_of_asian),
        "japanese": asian * japanese_of_asian,
        "other": shares["other"],
    }
