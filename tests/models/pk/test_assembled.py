"""R-ketamine and the enantiomers of the racemate, put together from published parts."""

import numpy as np
import pandas as pd
import pytest

import ketascope as ks
from ketascope.evidence.published import published
from ketascope.models import get
from ketascope.models.choose import model_warnings

ALONE, BOTH = "arketamine_iv_assembled", "ketamine_iv_enantiomers_assembled"
TIMES = np.concatenate([np.arange(0, 4, 0.004), np.arange(4, 300, 0.05)])


def area(regimen, model, analyte):
    result = ks.simulate(regimen, model=model, typical=True, times=TIMES)
    return float(np.trapezoid(result[analyte].to_numpy()[0], TIMES))


def test_the_ratio_is_that_of_the_two_printed_clearances():
    printed = {
        v.analyte: v.value
        for v in published()
        if ".wang_2019_racemate." in v.id and v.quantity == "clearance_per_weight"
    }
    ratio = printed["arketamine"] / printed["esketamine"]
    assert get(ALONE).parameter("r_on_CL").value == pytest.approx(ratio, abs=5e-4)


def test_areas_give_the_clearances():
    whole = area("ketamine 20 mg iv over 40 min once", BOTH, "arketamine")
    assert 10_000 / whole == pytest.approx(0.859 * 95.2, rel=1e-3)
    assert 10_000 / area("ketamine 20 mg iv over 40 min once", BOTH, "esketamine") == pytest.approx(
        95.2, rel=1e-3
    )


def test_the_racemate_is_half_of_each():
    """Nothing is shared, so half the dose alone gives the same curve."""
    times = [0.3, 2 / 3, 2.0, 8.0]
    both = ks.simulate("ketamine 40 mg iv over 40 min once", model=BOTH, typical=True, times=times)
    r, s = (
        ks.simulate(f"{drug} 20 mg iv over 40 min once", model=name, typical=True, times=times)
        for drug, name in (("arketamine", ALONE), ("esketamine", "otto_2021"))
    )
    for result, analyte in ((r, "arketamine"), (s, "esketamine"), (s, "esnorketamine")):
        assert both[analyte].to_numpy() == pytest.approx(result[analyte].to_numpy(), rel=1e-12)


def test_enantiomers_of_one_person_vary_together():
    result = ks.simulate(
        "ketamine 0.5 mg/kg iv over 40 min once",
        300,
        model=BOTH,
        times=[40 / 60],
        seed=1,
    )
    s, r = (np.log(result[name].to_numpy()[:, 0]) for name in ("esketamine", "arketamine"))
    assert np.corrcoef(s, r)[0, 1] > 0.99
    assert s.std() > 0.05


@pytest.mark.parametrize("name", [ALONE, BOTH])
def test_it_says_loudly_what_it_is(name):
    people = pd.DataFrame({"age": [45.0], "weight": [70.0]})
    told = model_warnings(get(name), people, random=True)
    assert told[0].startswith(f"{name}: assembled by this project, not a published model")


def test_pinned_peak_of_arketamine():
    result = ks.simulate("arketamine 60 mg iv over 40 min once", typical=True, times=[40 / 60])
    assert result.attrs["model"] == ALONE
    assert float(result["arketamine"].squeeze()) == pytest.approx(278.272, rel=1e-5)


def test_measured_enantiomers_are_within_twofold():
    """Kamp 2020 (arterial, in steps) from half an hour on, and the peaks of Hasan 2021."""
    from ketascope.checks.arms import regimen_of

    rows = [
        v
        for v in published()
        if v.id.startswith("kamp_2020_bja.racemate.")
        and v.analyte in ("esketamine", "arketamine", "esnorketamine")
    ]
    assert len(rows) == 27
    times = sorted({v.conditions.time for v in rows})
    result = ks.simulate(regimen_of(rows[0].conditions), model=BOTH, typical=True, times=times)
    for v in rows:
        said = float(result[v.analyte].to_numpy()[0, times.index(v.conditions.time)])
        assert 0.45 < said / v.to("ng/mL") < 1.5, v.id


def test_measured_clearances_of_r_ketamine():
    """Means of Persson 2002 and Hasan 2021, neither of which the ratio comes from."""
    at_70kg = 0.859 * 95.2
    assert at_70kg == pytest.approx(0.020 * 60 * 70, rel=0.05)
    assert at_70kg == pytest.approx(1.53 * 60, rel=0.15)
