"""What other medicines do to exposure: fits recomputed, curves held against them, refusals."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import yaml

import ketascope as ks
from ketascope.errors import InputError
from ketascope.evidence import source
from ketascope.evidence.published import published
from ketascope.models import get, library
from ketascope.models.interactions import (
    BASES,
    as_far,
    effect,
    effects,
    find,
    medicines,
    multipliers,
)
from ketascope.models.medicines import (
    drug_of,
    entries,
    from_memory,
    near,
    ratio_record,
    ratios,
    route_of,
    used_by,
)

ROOT = Path(__file__).resolve().parents[2]
BY_ID = {value.id: value for value in published()}
ENTRIES = entries()
CHANGING = [e for e in ENTRIES if "multiply" in e]


def name_of(entry):
    return f"{entry['medicine']}-{entry.get('model', entry.get('drug'))}-{entry['routes'][0]}"


TIMES = np.concatenate([np.arange(0, 2, 1 / 30), np.arange(2, 12, 0.1), np.arange(12, 150, 1.0)])


def exposure(value, model, beside=()):
    """Mean AUC or Cmax of people by the program's own solver, as a published ratio was measured."""
    times = TIMES
    if value.conditions.window:
        times = np.linspace(*value.conditions.window, 301)
    patient = ks.Patient.of(value.conditions.patient)
    result = ks.simulate(
        value.conditions.regimen, patient, n=400, seed=1, model=model, times=times, beside=beside
    )
    curves = result[value.analyte].to_numpy()
    peak = value.quantity == "cmax_ratio"
    found = curves.max(axis=1) if peak else np.trapezoid(curves, times, axis=1)
    if value.statistic == "geometric mean":
        return float(np.exp(np.log(found).mean()))
    return float(found.mean())


class TestData:
    def test_the_effects_are_those_of_the_calibration(self):
        calibration = runpy.run_path(str(ROOT / "calibration" / "interactions.py"))["calibrate"]()
        results = ROOT / "calibration" / "results" / "interactions.yaml"
        assert yaml.safe_load(results.read_text(encoding="utf-8")) == calibration
        assert [e for e in ENTRIES if e["basis"] == "calibrated"] == calibration["effects"]

    def test_every_ratio_is_of_a_known_medicine(self):
        assert all(find(v.conditions.beside) for v in ratios())
        assert {m for e in ENTRIES for m in [e["medicine"]]} <= set(medicines())

    def test_no_effect_rests_on_a_number_from_memory(self):
        for entry in ENTRIES:
            assert not any(from_memory(BY_ID[name]) for name in entry["gives"]), name_of(entry)

    def test_every_medicine_has_something_known_of_it(self):
        for medicine in medicines().values():
            assert medicine.values() or medicine.known, medicine.name
            for finding in medicine.known:
                assert source(finding.source).checked

    def test_no_name_stands_for_two_medicines(self):
        names = [n.casefold() for m in medicines().values() for n in (m.name, *m.also)]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
    def test_an_entry_is_sound(self, entry):
        assert entry["basis"] in BASES
        assert entry["gives"].keys() <= {v.id for v in ratios()}
        model = get(entry["model"]) if "model" in entry else None
        assert all(factor >= 0 for factor in entry.get("multiply", {}).values())
        if model is not None:
            assert set(entry["multiply"]) <= {p.name for p in model.parameters}
            assert set(entry["routes"]) <= set(model.routes)
        for name in entry["gives"]:
            value = BY_ID[name]
            assert find(value.conditions.beside).name == entry["medicine"]
            assert route_of(value) in entry["routes"]
            assert drug_of(value) == (model.drug if model else entry["drug"])
        unmeasured = set(entry["routes"]) - {route_of(BY_ID[name]) for name in entry["gives"]}
        assert unmeasured == set(entry.get("mechanistic", ()))


class TestCurves:
    @pytest.mark.parametrize("entry", CHANGING, ids=name_of)
    def test_the_program_gives_the_ratios_that_are_shown(self, entry):
        """The calibration works by eigenvalues and quadrature; here are the program's own curves
        of 400 people who differ in all that the source prints."""
        for name, given in entry["gives"].items():
            value = BY_ID[name]
            if value.quantity == "half_life_ratio":
                continue
            with_it = exposure(value, entry["model"], (entry["medicine"],))
            assert with_it / exposure(value, entry["model"]) == pytest.approx(given, rel=0.06)

    def test_areas_that_were_fitted_are_met(self):
        for entry in CHANGING:
            fitted = [
                v for v in ratios()
                if v.id in entry["gives"] and v.used_for == "fit" and v.quantity == "auc_ratio"
            ]  # fmt: skip
            for value in fitted:
                assert entry["gives"][value.id] == pytest.approx(value.value, rel=0.03)

    def test_rifampicin_by_mouth_and_by_vein_tells_gut_from_liver(self):
        """Closed form: AUC by mouth is Fgut / (fu CLint), AUC by vein 1 / QH + 1 / (fu CLint);
        means over drawn people."""
        p = {q.name: q.value for q in get("ashraf_2018").parameters}
        m = dict(effect(get("ashraf_2018"), "rifampicin", ["oral", "intravenous"]).multiply)
        eta = np.random.default_rng(1).standard_normal((2, 400_000))
        flow = 3.75 * 59**0.75
        villi = 0.192 * flow
        through = villi * p["CLperm"] / (villi + p["CLperm"])

        def area(liver, gut, by_mouth):
            intrinsic = 1.4 * p["CLint_H"] * liver * np.exp(0.25**0.5 * eta[0])
            wall = p["CLint_gut"] * gut * np.exp(2.1**0.5 * eta[1])
            if by_mouth:
                return float((through / (through + wall) / intrinsic).mean())
            return float((1 / flow + 1 / intrinsic).mean())

        for by_mouth, measured in ((True, 0.14), (False, 0.86)):
            changed = area(m["CLint_H"], m["CLint_gut"], by_mouth)
            assert changed / area(1, 1, by_mouth) == pytest.approx(measured, rel=0.02)

    def test_ticlopidine_is_that_of_the_published_model(self):
        """1 / (1 - 0.63) by mouth, against 2.4 observed."""
        value = BY_ID["interactions.ticlopidine_oral.esketamine.auc_ratio"]
        ratio = exposure(value, "ashraf_2018", ("Ticlid",)) / exposure(value, "ashraf_2018")
        assert ratio == pytest.approx(1 / 0.37, rel=1e-2)
        assert 1 < ratio / value.value < 1.15

    def test_individual_parameters_show_it_and_random_effects_stay(self):
        regimen = "esketamine 14 mg oral solution once"
        plain = ks.simulate(regimen, 20, seed=3, times=[1.0])
        changed = ks.simulate(regimen, 20, seed=3, times=[1.0], beside=("clarithromycin",))
        factor = changed["p_CLint_H"].to_numpy() / plain["p_CLint_H"].to_numpy()
        assert factor == pytest.approx(0.5692)
        assert (changed["p_ka"] == plain["p_ka"]).all()

    def test_quantiles_hold_it_too(self):
        regimen = "esketamine 14 mg oral solution once"
        how = {"seed": 3, "times": [1.0, 2.0], "beside": ("clarithromycin",)}
        band = ks.simulate_quantiles(regimen, 30, quantiles=(0.5,), **how)
        people = ks.simulate(regimen, 30, **how)
        median = people["esketamine"].quantile(0.5, "subject")
        assert band["esketamine"].to_numpy()[0] == pytest.approx(median.to_numpy())
        assert json.loads(band.attrs["beside"])[0]["predicted"]

    def test_a_model_is_left_out_where_it_does_not_predict_what_another_does(self):
        oral, nasal = get("ashraf_2018"), get("perez_ruixo_2021")
        assert not as_far(oral, nasal, ["clarithromycin"], ["oral"])
        assert as_far(nasal, oral, ["clarithromycin"], ["oral"])
        assert as_far(oral, nasal, ["itraconazole", "paroxetine"], ["oral"])
        assert as_far(nasal, get("otto_2021"), ["rifampicin"], ["intravenous"])

    def test_models_are_compared_only_as_far_as_they_have_it(self):
        once = "esketamine 14 mg oral solution once"
        table = ks.across_models(once, typical=True, beside=("clarithromycin",))
        assert table.attrs["models"] == ["ashraf_2018"]
        table = ks.across_models(once, typical=True, beside=("itraconazole",))
        assert table.attrs["models"] == ["ashraf_2018", "perez_ruixo_2021"]
        table = ks.across_models(
            "esketamine 7 mg iv over 10 min once", typical=True, beside=("rifampin",),
            models=["otto_2021", "simons_2022"],
        )  # fmt: skip
        assert table.attrs["models"] == ["otto_2021", "simons_2022"]


class TestWhatIsNotPredicted:
    def test_the_racemate_is_not_that_of_esketamine(self):
        told = effect(get("clements_1981"), "clarithromycin", ["intravenous"])
        assert not told.predicted
        assert not told.multiply
        assert "no ratio of exposure was found for it with ketamine into a vein" in told.text
        assert "esketamine by mouth, AUC x 2.6, Cmax x 3.6" in told.text

    def test_a_route_that_was_not_studied(self):
        told = effect(get("simons_2022"), "clarithromycin", ["sublingual"])
        assert not told.predicted
        assert "under the tongue" in told.text
        told = effect(get("perez_ruixo_2021"), "rifampicin", ["intranasal", "oral"])
        assert not told.predicted

    def test_another_model_that_predicts_it_is_named(self):
        told = effect(get("perez_ruixo_2021"), "ticlopidine", ["intravenous"])
        assert "It is predicted by the model ashraf_2018." in told.text
        told = effect(get("ashraf_2018"), "ticlopidine", ["intravenous"])
        assert told.predicted
        assert "mechanistic, not measured" in told.text

    def test_two_that_change_exposure_are_not_combined(self):
        model = get("ashraf_2018")
        both = effects(model, ["clarithromycin", "hypericum"], ["oral"])
        assert [told.predicted for told in both] == [False, False]
        assert multipliers(both) == {}
        assert "not predicted beside St John's wort" in both[0].text
        one = effects(model, ["clarithromycin", "itraconazole", "Klacid"], ["oral"])
        assert [told.basis for told in one] == ["calibrated", "no change"]
        assert multipliers(one)["CLint_H"] == 0.5692

    def test_no_change_is_said_with_its_study(self):
        told = effect(get("ashraf_2018"), "Sporanox", ["oral"])
        assert told.basis == "no change"
        assert told.predicted
        assert "Peltoniemi 2011 (11 people) found no change" in told.text
        assert not effect(get("perez_ruixo_2021"), "Sporanox", ["intranasal"]).predicted

    def test_a_name_that_is_not_known(self):
        told = effect(get("ashraf_2018"), "clarithromicin", ["oral"])
        assert told.text.startswith("No data on clarithromicin: its effect on exposure is not")
        assert "Did you mean clarithromycin?" in told.text
        assert near("xyz") == []
        assert "Did you mean" not in effect(get("ashraf_2018"), "xyz", ["oral"]).text

    def test_findings_without_a_ratio_are_told(self):
        told = effect(get("clements_1981"), "Valium", ["intravenous"])
        assert "half-life x 1.61" in told.text
        assert "Idvall 1983" in told.text
        assert set(told.sources) == {"lo_cumming_1975", "idvall_1983"}

    def test_numbers_from_memory_are_said_to_be(self):
        told = effect(get("perez_ruixo_2021"), "rifampin", ["intranasal"])
        assert not told.predicted
        assert "are from memory and were not found in print" in told.text
        assert "from memory, not checked" in told.text
        nasal = [r for r in told.record()["ratios"] if r["route"] == "intranasal"]
        assert [r["checked"] for r in nasal] == [False, False]
        assert "from memory" not in effect(get("ashraf_2018"), "rifampin", ["oral"]).text

    @pytest.mark.parametrize("model", library().values(), ids=lambda m: m.name)
    def test_nothing_changes_in_a_model_without_an_entry(self, model):
        for medicine in medicines():
            told = effect(model, medicine, model.routes[:1])
            mine = [
                e for e in CHANGING
                if e["medicine"] == medicine and e["model"] == model.name
                and model.routes[0] in e["routes"]
            ]  # fmt: skip
            assert bool(told.multiply) == bool(mine)

    @pytest.mark.parametrize("beside", [("",), ("  ",), "Biaxin"])
    def test_what_is_no_list_of_names_is_refused(self, beside):
        with pytest.raises(InputError):
            ks.simulate("esketamine 14 mg oral solution once", times=[1.0], beside=beside)


def test_a_result_carries_study_ratio_and_how_it_was_applied():
    result = ks.simulate("esketamine 14 mg oral solution once", times=[1.0], beside=("Biaxin", "x"))
    known, unknown = json.loads(result.attrs["beside"])
    assert known["medicine"] == "clarithromycin"
    assert known["basis"] == "calibration of this project"
    assert known["multiply"] == {"CLint_H": 0.5692, "CLint_gut": 0.0, "CLint_H_NK": 1.091}
    first = known["ratios"][0]
    assert (first["study"], first["ratio"], first["model_gives"]) == ("Hagelberg 2010", 2.6, 2.6)
    assert not unknown["predicted"]
    assert "hagelberg_2010" in json.loads(result.attrs["sources"])
    warnings = json.loads(result.attrs["warnings"])
    assert warnings[:2] == [known["text"], unknown["text"]]


def test_records_of_ratios():
    value = BY_ID["interactions.grapefruit_juice_oral.esketamine.auc_ratio"]
    record = ratio_record(value)
    assert (record["ratio"], record["interval"]) == (3.0, [2.4, 3.6])
    assert record["route"] == "oral"
    assert used_by(value) == ["ashraf_2018"]
