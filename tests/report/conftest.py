"""Simulations that the tests of the report share; none is changed by a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

import pytest
import xarray as xr

import ketascope as ks
from ketascope.report import make_report

REGIMENS: Mapping[str, str] = MappingProxyType(
    {
        "course": "esketamine 56 mg intranasal twice weekly for 4 weeks "
        "then 84 mg weekly for 4 weeks",
        "once": "esketamine 84 mg intranasal once",
        "infusions": "ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks",
        "film": "esketamine 50 mg sublingual film once",
        "year": "esketamine 56 mg intranasal twice weekly for 4 weeks "
        "then 84 mg weekly for 48 weeks",
        "daily": "esketamine 0.5 mg/kg iv over 2 h daily for 5 days",
        "long": "ketamine 0.1 mg/kg/h iv over 72 h once",
    }
)
PEOPLE = {"course": 60, "film": 40, "year": 20, "daily": 30}


@pytest.fixture(scope="session")
def results() -> dict[str, xr.Dataset]:
    """One simulation for each regimen."""
    return {
        name: ks.simulate(ks.parse_regimen(text), n=PEOPLE.get(name), seed=3)
        for name, text in REGIMENS.items()
    }


@pytest.fixture(scope="session")
def others(results: dict[str, xr.Dataset]) -> list[xr.Dataset]:
    """Typical runs of the other models of the infusions."""
    regimen = ks.parse_regimen(REGIMENS["infusions"])
    names = json.loads(results["infusions"].attrs["alternatives"])
    return [ks.simulate(regimen, model=name, typical=True) for name in names]


@pytest.fixture(scope="session")
def page_of(results: dict[str, xr.Dataset]) -> Callable[[str], str]:
    """The page of a simulation by its name, built once for all tests."""
    return lru_cache(maxsize=None)(lambda name: make_report(results[name]))


@pytest.fixture(scope="session")
def beside(results: dict[str, xr.Dataset], others: list[xr.Dataset]) -> str:
    """The page of the infusions with the other models beside."""
    return make_report(results["infusions"], alternatives=others)
