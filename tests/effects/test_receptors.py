"""Occupancy over time: by hand, by published values, and silent about nothing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp

import ketascope as ks
from ketascope.checks.rules import rule_for
from ketascope.effects import (
    kinetic_block,
    memantine_reference,
    occupancy,
    receptor_checks,
    receptor_table,
)
from ketascope.effects.memantine import average_by_clearance
from ketascope.effects.potencies import find
from ketascope.effects.tables import occupancy_records, peak_block
from ketascope.errors import InputError, Unsupported
from ketascope.models.receptor import drug_of


def plasma(**analytes: list[float]) -> xr.Dataset:
    """A result with given concentrations (ng/mL) of one person."""
    count = len(next(iter(analytes.values())))
    return xr.Dataset(
        {
            name: (("subject", "time"), [values], {"units": "ng/mL", "analyte": name})
            for name, values in analytes.items()
        },
        {"time": np.arange(count, dtype=float), "id": ("subject", [1])},
        {"regimen": "by hand", "warnings": "[]"},
    )


def read(found: xr.Dataset, key: str) -> Any:
    return json.loads(found.attrs[key])


@pytest.fixture(scope="module")
def infusion() -> xr.Dataset:
    return ks.simulate("ketamine 0.5 mg/kg iv over 40 min once")


@pytest.fixture(scope="module")
def spray() -> xr.Dataset:
    return ks.simulate("esketamine 84 mg intranasal once", people=20, seed=1)


def test_block_by_hand() -> None:
    found = occupancy(plasma(esketamine=[0, 100], esnorketamine=[0, 200]), targets=["nmda"])
    s, n = 100 / 237.73 * 0.56, 200 / 223.70 * 0.50
    x = s / 0.3 + n / 1.7
    assert float(found.block.sel(bound="central")[0, 0, 1]) == pytest.approx(x / (1 + x))
    assert found.concentration.sel(ligand="esketamine")[0, 1] == pytest.approx(1000 * s)
    low = 100 / 237.73 * 0.55 / 0.3 + n / 1.7
    assert float(found.block.sel(bound="low")[0, 0, 1]) == pytest.approx(low / (1 + low))
    assert (found.block.isel(time=0) == 0).all()
    assert found.block.dims == ("target", "bound", "subject", "time")


def test_the_hill_coefficient_of_gilling_counts() -> None:
    found = occupancy(plasma(ketamine=[200.0]), targets=["glun2a"])
    x = (200 / 237.73 * 0.53 / (0.71 * 0.46) ** 0.5) ** 0.84
    assert found.block.sel(bound="central").item() == pytest.approx(x / (1 + x))


def test_a_band_spans_the_published_values(infusion: xr.Dataset) -> None:
    found = occupancy(infusion)
    low, central, high = (found.block.sel(bound=b) for b in ("low", "central", "high"))
    assert (low <= central).all()
    assert (central <= high).all()
    peak = found.block.sel(target="nmda").max("time")
    c = float(found.concentration.max()) / 1000
    for bound, k in (("low", 2.5), ("high", 0.119)):
        assert peak.sel(bound=bound).item() == pytest.approx(c / (c + k))
    assert read(found, "potencies")["nmda"]["ketamine"]["values"] == 3
    assert read(found, "potencies")["delta"]["ketamine"]["spread"].endswith("of the one source")
    assert read(found, "potencies")["alpha3beta4"]["ketamine"]["spread"] == "none: one value"


def test_what_was_not_checked_is_asked_for_or_not_used(infusion: xr.Dataset) -> None:
    found = occupancy(infusion)
    assert "glun2c_mg" not in found.target
    assert "not checked" in read(found, "not_predicted")["glun2c_mg"]
    asked = occupancy(infusion, unchecked=True)
    assert float(asked.block.sel(target="glun2c_mg", bound="central").max()) > 0.2
    assert any("kotermanski_johnson_2009" in text for text in read(asked, "warnings"))
    some = occupancy(infusion, unchecked=["glun2c_mg"])
    assert "glun2c_mg" in some.target
    assert "glun2a_mg" not in some.target


def test_subtypes_rank_as_khlestova_2016_says(infusion: xr.Dataset) -> None:
    """At a psychotogenic concentration GluN2C is blocked most; the others less."""
    peak = occupancy(infusion, unchecked=True).block.sel(bound="central").max(("subject", "time"))
    c, d, a, b = (float(peak.sel(target=f"glun2{x}_mg")) for x in "cdab")
    assert c > 2 * d > 2 * max(a, b)


def test_an_enantiomer_is_worked_out_only_when_asked(spray: xr.Dataset) -> None:
    found = occupancy(spray)
    assert list(found.target.to_numpy()) == ["nmda"]
    why = read(found, "not_predicted")
    assert "can be worked out" in why["nmda_in_vivo"]
    assert why["hcn1"] == "no published value of esketamine was found"
    derived = occupancy(spray, derived=True)
    assert {"nmda", "nmda_in_vivo", "glun2a"} == set(derived.target.to_numpy())
    assert any("ratio 4.7" in text for text in read(derived, "assumptions"))
    s = find("nmda_in_vivo", drug_of("esketamine"), derived=True).potency
    assert s is not None
    assert s.central == pytest.approx(1.42 * (1 + 0.3 / 1.4) / 2)


def test_sums_and_their_parts_are_not_counted_twice() -> None:
    both = plasma(ketamine=[100.0], esketamine=[50.0], arketamine=[50.0])
    found = occupancy(both)
    assert set(found.ligand.to_numpy()) == {"esketamine", "arketamine"}
    assert any("counted one by one" in text for text in read(found, "assumptions"))
    alone = occupancy(both.drop_vars("ketamine"))
    xr.testing.assert_equal(found.block, alone.block)
    with pytest.raises(InputError, match="one of its enantiomers"):
        occupancy(plasma(ketamine=[100.0], esketamine=[50.0]))
    racemate = occupancy(both, ligands=["ketamine"])
    assert any("equal mixture" in text for text in read(racemate, "assumptions"))


def test_a_ligand_without_a_fraction_unbound_is_left_out_and_named() -> None:
    result = plasma(esketamine=[100.0], eshydroxynorketamine=[100.0])
    found = occupancy(result, targets=["nmda"])
    assert "eshydroxynorketamine" in read(found, "left_out")
    with_one = occupancy(result, targets=["nmda"], binding={"eshydroxynorketamine": 0.6})
    extra = 100 / 239.70 * 0.6 / 21.19
    x = 100 / 237.73 * 0.56 / 0.3 + extra
    assert with_one.block.sel(bound="central").item() == pytest.approx(x / (1 + x))


def test_no_effect_up_to_a_concentration_is_not_zero_potency() -> None:
    result = plasma(arketamine=[100.0], arhydroxynorketamine=[100.0])
    found = occupancy(result, targets=["nmda"], binding={"arhydroxynorketamine": 1.0})
    assert "up to 100 umol/L" in read(found, "left_out")["arhydroxynorketamine at nmda"]
    with pytest.raises(Unsupported, match="up to 1 umol/L"):
        occupancy(plasma(ketamine=[100.0]), targets=["alpha7"])


def test_drivers_and_bindings_change_the_block_as_they_should(infusion: xr.Dataset) -> None:
    unbound, total, brain = (
        float(occupancy(infusion, targets=["nmda"], drive=d).block.sel(bound="central").max())  # type: ignore[arg-type]
        for d in ("unbound plasma", "total plasma", "total brain")
    )
    assert unbound < total < brain
    with pytest.raises(Unsupported, match="cerebrospinal"):
        occupancy(infusion, drive="cerebrospinal fluid")
    high = occupancy(plasma(esketamine=[100.0]), binding="highest")
    assert float(high.concentration[0, 0, 0]) == pytest.approx(100 / 237.73 * 700)
    for bad in ({"ketamine": 1.2}, {"ketamine": "nobody_2000"}):
        with pytest.raises(InputError):
            occupancy(infusion, binding=bad)  # type: ignore[arg-type]


def test_bad_questions_are_refused(infusion: xr.Dataset) -> None:
    with pytest.raises(InputError, match="is not a target"):
        occupancy(infusion, targets=["nmdar"])
    with pytest.raises(InputError, match="has no 'esketamine'"):
        occupancy(infusion, ligands=["esketamine"])


def test_warnings_of_the_simulation_go_on(spray: xr.Dataset) -> None:
    found = occupancy(spray)
    assert set(json.loads(spray.attrs["warnings"])) <= set(read(found, "warnings"))
    assert {"label_esketamine", "ashraf_2018_nk"} <= {
        word.strip("().") for text in read(found, "assumptions") for word in text.split()
    }
    assert {"ebert_1997", "spravato_us_label", "ashraf_2018"} == set(read(found, "sources"))


def test_the_kinetic_view_agrees_with_another_solver(infusion: xr.Dataset) -> None:
    few = infusion.isel(time=slice(0, 46))
    activity = 0.02
    found = kinetic_block(few, activity=activity)[0].to_numpy()
    hours, c = few.time.to_numpy(), 0.53 * few["ketamine"][0].to_numpy() / 237.73

    def slope(t: float, y: np.ndarray) -> np.ndarray:
        now = np.interp(t / 3600, hours, c)
        return activity * (0.15 * now * (1 - y) - 0.22 * y)

    end = 3600 * hours
    solved = solve_ivp(slope, (0, end[-1]), [0.0], t_eval=end, rtol=1e-9, atol=1e-12, max_step=5)
    np.testing.assert_allclose(found, solved.y[0], atol=2e-5)


def test_a_channel_that_is_always_active_follows_equilibrium(infusion: xr.Dataset) -> None:
    for variant, half in (("rates", 0.22 / 0.15), ("ic50", 0.71)):
        found = kinetic_block(infusion, variant=variant)  # type: ignore[arg-type]
        c = 0.53 * infusion["ketamine"] / 237.73
        after = infusion.time > 0.1
        assert float(abs(found - c / (c + half)).where(after).max()) < 0.01
    slow = kinetic_block(infusion, activity=0.001)
    assert float(slow.max()) < float(kinetic_block(infusion).max())


def test_rates_of_an_enantiomer_are_worked_out_only_when_asked(spray: xr.Dataset) -> None:
    with pytest.raises(Unsupported, match="racemic"):
        kinetic_block(spray)
    assert kinetic_block(spray, derived=True).sizes["subject"] == 20
    with pytest.raises(InputError, match="activity"):
        kinetic_block(spray, activity=0.0, derived=True)


def test_memantine_at_its_clinical_exposure() -> None:
    found = memantine_reference()
    central = found.block.sel(bound="central")
    assert (found.block.sel(bound="low") <= central).all()
    assert (central <= found.block.sel(bound="high")).all()
    c = (0.39040 * 1.0) ** 0.5 * 0.55
    assert float(central.sel(target="glun2c_mg")) == pytest.approx(c / (c + 2.0), rel=1e-4)
    # magnesium leaves little block of the A and B subtypes: the point of Kotermanski & Johnson
    for with_mg, without in (("glun2a_mg", "glun2a"), ("glun2b_mg", "glun2b")):
        assert float(central.sel(target=with_mg)) < 0.05 < float(central.sel(target=without))
    assert "nmda_in_vivo" in read(found, "not_predicted")
    csf = memantine_reference(drive="cerebrospinal fluid", targets=["glun2c_mg"])
    assert float(csf.concentration[0]) == pytest.approx(1000 * c * 0.52 / 0.55, rel=1e-4)


def test_memantine_by_its_clearance_is_the_lower_end_of_the_label() -> None:
    # 20 mg of the salt are 16.6 mg of base; 170 mL/min are 10.2 L/h
    assert average_by_clearance() == pytest.approx(20 * 179.30 / 215.76 / 24 / 10.2 * 1000)
    assert 60 < average_by_clearance() < 75


CHECKS = list(receptor_checks())
# What the published figures and this package do not agree on; docs/receptors.md says why.
KNOWN_TO_FAIL = {
    "gilling_2009.ketamine.half_block",
    "gilling_2009.memantine.half_block",
    "gilling_2009.memantine.onset_slow",
    "gilling_2009.memantine.offset_slow",
    "shaffer_2014.ketamine.in_vivo",
    "parsons_1993.memantine",
    "xing_2017.ketamine.hcn1",
}


@pytest.mark.parametrize(("row", "number", "interval"), CHECKS, ids=lambda v: getattr(v, "id", ""))
def test_published_figures(row: Any, number: float, interval: tuple[float, float] | None) -> None:
    assert np.isfinite(number)
    if interval is not None:
        assert interval[0] <= number <= interval[1]
    rule = rule_for(row.quantity, receptor=True)
    assert rule.passes(row.value, number) is (row.id not in KNOWN_TO_FAIL)


def test_every_known_failure_is_a_figure() -> None:
    assert {row.id for row, *_ in CHECKS} >= KNOWN_TO_FAIL


def test_the_table_lists_every_row_with_its_status() -> None:
    rows = receptor_table()
    assert len(rows) > len(receptor_table(unchecked=False))
    assert {row["status"] for row in rows} == {"checked", "not checked"}
    json.dumps(rows)


def test_peaks_and_records(spray: xr.Dataset) -> None:
    found = occupancy(spray, derived=True)
    rows = {row["target"]: row for row in peak_block(found)}
    nmda = rows["nmda"]
    assert nmda["people"][0] < nmda["block"] < nmda["people"][1]
    assert nmda["low"] <= nmda["block"] <= nmda["high"]
    assert 0.5 < nmda["time"] < 1.5
    assert rows["nmda_in_vivo"]["memantine"] is None
    assert rows["glun2a"]["memantine"] is not None
    frame = occupancy_records(found)
    assert len(frame) == found.sizes["subject"] * found.sizes["time"]
    one = found.block.sel(target="nmda", bound="high").transpose("subject", "time")
    np.testing.assert_array_equal(frame["block_nmda_high"], one.to_numpy().ravel())


def test_quantiles_of_analytes_are_not_passed_off_as_quantiles_of_block() -> None:
    few = ks.simulate_quantiles("esketamine 84 mg intranasal once", people=30)
    found = occupancy(few)
    assert found.block.dims == ("target", "bound", "quantile", "time")
    assert any("as if one person" in text for text in read(found, "warnings"))
    alone = occupancy(few, ligands=["esketamine"])
    assert not any("as if one person" in text for text in read(alone, "warnings"))
    for table in (peak_block, occupancy_records):
        with pytest.raises(InputError, match="of people"):
            table(found)
