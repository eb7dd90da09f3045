"""When a published relation holds, and what it follows."""

from __future__ import annotations

import numpy as np
import pytest
from driven import driven

from ketascope.effects.relation import (
    at_site,
    between,
    why_not_age,
    why_not_beyond,
    why_not_driven,
)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, None),
        ({"drug": "ketamine"}, "given alone"),
        ({"sampling": "venous"}, "those of this model are venous"),
        ({"sampling": "not stated"}, "not stated"),
    ],
)
def test_a_relation_holds_for_its_drug_analyte_and_site_alone(more, words):
    driving = driven({"esketamine": 100.0}, **more)
    reason = why_not_driven(driving, "esketamine", ("esketamine",), sites=("arterial",))
    assert reason is None if words is None else words in reason


def test_an_analyte_that_the_model_lacks_is_named():
    driving = driven({"esketamine": 100.0})
    reason = why_not_driven(
        driving, "esketamine", ("esketamine", "esnorketamine"), sites=("arterial",)
    )
    assert "S-norketamine" in reason
    assert "does not give" in reason


def test_arterial_levels_do_not_stand_for_those_of_no_stated_site():
    driving = driven({"ketamine": 1.0}, drug="ketamine")
    assert "not stated" in why_not_driven(
        driving, "ketamine", ("ketamine",), sites=("not stated", "venous")
    )


def test_ages_and_levels_outside_are_refused():
    driving = driven({"esketamine": [0.0, 151.0, 10.0, 0.0]}, age=17.9)
    assert why_not_age(driving, 18, 120, "adults") == "the relation was found in adults"
    assert why_not_age(driving, 1, 18, "children") is None
    assert "151 ng/mL" in why_not_beyond(driving, "esketamine", 100.0, "up to 100 ng/mL")
    assert why_not_beyond(driving, "esketamine", 101.0, "up to 101 ng/mL") is None


def test_a_range_is_spread_evenly_and_its_middle_is_the_middle():
    assert between(driven({"esketamine": 1.0}), "a", 2.0, 6.0).tolist() == [4.0]
    spread = between(driven({"esketamine": 1.0}, people=4000, random=True), "a", 2.0, 6.0)
    assert 2.0 < spread.min() < 2.1
    assert 5.9 < spread.max() < 6.0
    assert np.quantile(spread, 0.25) == pytest.approx(3.0, abs=0.1)


def test_the_site_is_half_way_after_one_half_life_and_at_once_without_one():
    driving = driven({"esketamine": 100.0}, times=np.linspace(0, 1, 601))
    assert at_site(driving, "esketamine", 0.5)[0, 300] == pytest.approx(50.0)
    assert at_site(driving, "esketamine", 0.0)[0].tolist() == [100.0] * 601
