"""Concentrations by hand, to drive effects with."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketascope.effects.effect import Driving, Given, Occasion


def driven(
    concentrations: dict[str, Any],
    *,
    times: Any = (0.0, 0.5, 1.0, 2.0),
    drug: str = "esketamine",
    route: str = "intravenous",
    sampling: str = "arterial",
    age: float = 30.0,
    people: int = 1,
    first: int = 0,
    seed: int = 1,
    random: bool = False,
    **settings: float,
) -> Driving:
    """Return people who all have the given concentrations (ng/mL by analyte)."""
    grid = np.asarray(times, dtype=float)
    shape = (people, grid.size)
    return Driving(
        times=grid,
        drug=drug,
        doses=(Given(0, 0.0, drug, route, None, 20.0, "mg", 40.0),),
        concentrations={
            name: np.broadcast_to(np.asarray(values, dtype=float), shape).copy()
            for name, values in concentrations.items()
        },
        sampling=sampling,
        sessions=(Occasion(0, 0.0, 0.67, 1),),
        covariates={"age": np.full(people, age)},
        index=np.arange(first, first + people, dtype=np.int64),
        seed=seed,
        settings=settings,
        random=random,
    )
