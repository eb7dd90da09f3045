"""What an effect was not fitted with is said on every page that shows it."""

from __future__ import annotations

import json

import ketascope as ks
from ketascope.effects.acute import extrapolated
from ketascope.report.data import gather
from ketascope.report.plan_predicted import predicted_for

VEIN = "esketamine 0.25 mg/kg iv over 40 min once"
SPRAY = "esketamine 84 mg intranasal once"


def test_a_report_warns_of_what_is_extrapolated() -> None:
    told = gather(ks.simulate(VEIN, n=10, seed=1)).data["warnings"]
    assert any("Dissociation" in one and "extrapolated" in one for one in told)
    assert extrapolated(ks.simulate(SPRAY, n=10, seed=1)) == ()


def test_a_comparison_warns_of_the_arm() -> None:
    found = ks.compare([VEIN, SPRAY], n=10, seed=1)
    told = [one for one in found.remarks if "extrapolated" in one]
    assert told
    assert all(one.startswith("A: ") for one in told)


def test_a_plan_says_it_beside_what_is_expected() -> None:
    lines = predicted_for(ks.simulate(VEIN, n=10, seed=1))["lines"]
    assert any("extrapolated" in one for one in lines)
    assert json.dumps(lines)
