"""What the simulation says of claims: every computation runs, and gives what it should."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import ketascope as ks
from ketascope.checks.claim_numbers import COMPUTATIONS, Computed, run
from ketascope.checks.claim_text import claim_text, verdict_counts
from ketascope.checks.claim_words import two_figures
from ketascope.checks.claims import Judged
from ketascope.cli import main
from ketascope.errors import InputError
from ketascope.evidence.claims import Simulation, known_claims

INFUSION = "ketamine 0.5 mg/kg iv over 40 min once"
SPRAY = "esketamine 84 mg intranasal twice weekly for 4 weeks"


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return ks.claims()


def compute(name: str, **arguments: object) -> Computed:
    return run(Simulation(computation=name, arguments=arguments))


def test_every_claim_is_judged_once_in_order(judged: list[Judged]) -> None:
    assert [one.claim.id for one in judged] == list(known_claims())


def test_every_computation_runs_and_gives_finite_numbers(judged: list[Judged]) -> None:
    for one in judged:
        assert len(one.simulated) == len(one.claim.simulation)
        for computed in one.simulated:
            assert all(math.isfinite(value) for value in computed.values.values())
            if computed.values:
                assert computed.commands, one.claim.id
            else:
                assert computed.text.startswith("Not predicted: "), one.claim.id
    silent = [one.claim.id for one in judged if any(not c.values for c in one.simulated)]
    assert silent == ["18a"]  # depression of breathing: no published relation


def test_every_registered_computation_is_used(judged: list[Judged]) -> None:
    used = Counter(computed.computation for one in judged for computed in one.simulated)
    assert set(used) == set(COMPUTATIONS)


def test_no_number_of_a_simulation_stands_in_the_data() -> None:
    """Arguments are regimens, names and times; results come from the run."""
    for one in known_claims().values():
        for part in one.simulation:
            numbers = [v for v in part.arguments.values() if isinstance(v, int | float)]
            assert all(isinstance(v, bool) for v in numbers) or part.computation == "left_after"


def test_block_follows_the_law_of_mass_action() -> None:
    """Unbound share of a peak of about 177 ng/mL against the potency in the living rat."""
    (peak,) = ks.exposure(ks.simulate(INFUSION, typical=True))["cmax"]
    unbound = 0.53 * peak / 237.73
    found = compute("receptor_block", target="nmda_in_vivo", regimen=INFUSION)
    assert found.unit == "%"
    assert found.values["block"] == pytest.approx(100 * unbound / (unbound + 1.42), rel=1e-3)
    assert found.values["low"] == pytest.approx(100 * unbound / (unbound + 2.14), rel=1e-3)
    assert found.values["high"] == pytest.approx(100 * unbound / (unbound + 0.99), rel=1e-3)


def test_targets_rank_as_their_potencies_do() -> None:
    block = {
        name: compute("receptor_block", target=name, regimen=INFUSION).values["block"]
        for name in ("nmda", "hcn1", "mu")
    }
    assert 10 < block["nmda"] < 80
    assert block["nmda"] > 5 * block["hcn1"]
    assert 0.5 < block["mu"] < 3  # about 0.4 of 30 to 40 umol/L
    more = compute("receptor_block", target="hcn1", regimen="ketamine 2 mg/kg iv over 1 min once")
    assert more.values["block"] > 3 * block["hcn1"]


def test_unchecked_potencies_say_so() -> None:
    told = compute("receptor_block", target="sigma1", regimen=INFUSION, unchecked=True)
    assert "not checked" in told.note
    assert told.values["block"] < 1
    assert "--unchecked" in told.commands[0]
    found = compute("subtypes", regimen=INFUSION)
    assert "not checked" in found.note
    for name in ("glun2a", "glun2b", "glun2c", "glun2d"):
        assert found.values[f"{name}_mg"] < found.values[name]
    with pytest.raises(InputError, match="not checked"):
        compute("receptor_block", target="sigma1", regimen=INFUSION)


def test_concentrations_keep_their_ratios() -> None:
    values = compute("driving_concentration", regimen=INFUSION).values
    assert values["unbound plasma"] / values["total plasma"] == pytest.approx(0.53, rel=1e-6)
    assert values["total brain"] / values["total plasma"] == pytest.approx(6.5, rel=1e-6)
    assert 0.5 < values["total plasma"] < 1.5  # 100 to 350 ng/mL at 237.7 g/mol


def test_memantine_is_that_of_its_label() -> None:
    values = compute("memantine_beside", target="nmda", regimen=INFUSION).values
    assert values["memantine_low"] < values["memantine"] < values["memantine_high"]
    with pytest.raises(InputError, match="no value of memantine"):
        compute("memantine_beside", target="hcn1", regimen=INFUSION)


def test_an_infusion_falls_as_its_model_does() -> None:
    """Shares left against the result itself, and none of them grows with time."""
    found = compute("after_infusion", regimen=INFUSION, minutes=[15, 20, 80])
    shares = list(found.values.values())
    assert shares == sorted(shares, reverse=True)
    end = 40 / 60
    times = [end, end + 0.25, end + 1 / 3, end + 80 / 60]
    curve = ks.simulate(INFUSION, typical=True, times=times)["ketamine"].to_numpy().ravel()
    np.testing.assert_allclose(shares, 100 * curve[1:] / curve[0], rtol=1e-6)
    assert shares[0] > 50


def test_what_is_left_falls_with_time() -> None:
    left = [
        compute("left_after", regimen=INFUSION, hours=hours).values["share"]
        for hours in (1, 2, 24, 168)
    ]
    assert left == sorted(left, reverse=True)
    assert 30 < left[0] <= 100
    assert left[2] < 2
    assert left[3] < 1e-6
    spray = compute("left_after", regimen="esketamine 84 mg intranasal once", hours=2)
    assert 40 < spray.values["share"] < 80


def test_routes_give_their_published_share() -> None:
    """Areas near the bioavailabilities that studies printed (0.2, 0.3, 0.45, 0.93)."""
    vein = "ketamine 50 mg iv bolus once"
    for way, low, high in (
        ("oral", 15, 30),
        ("sublingual", 25, 45),
        ("intranasal", 35, 60),
        ("im", 85, 100),
    ):
        values = compute("route", regimen=f"ketamine 50 mg {way} once", beside=vein).values
        assert low < values["area"] < high, way
        assert values["peak"] < values["area"], way
    same = compute("route", regimen=vein, beside=vein).values
    assert same == {"area": pytest.approx(100), "peak": pytest.approx(100)}


def test_clarithromycin_raises_oral_exposure() -> None:
    """Hagelberg 2010 measured 2.6 times the area."""
    found = compute(
        "with_medicine", regimen="esketamine 0.25 mg/kg oral once", medicine="clarithromycin"
    )
    assert 2 < found.values["area"] < 3
    assert "calibration" in found.note


def test_unknown_is_said() -> None:
    found = compute("unknown_medicines", medicines=["alcohol", "clarithromycin", "cannabis"])
    assert found.values == {"known": 1, "asked": 3}
    assert "Not predicted: what alcohol and cannabis" in found.text
    assert "harmless" in found.note


def test_visits_are_counted() -> None:
    """8 and 4 sessions, of two devices on the first day and three after it."""
    label = compute("visits", regimen="label:spravato-trd-us").values
    assert (label["weeks_1_to_4"], label["weeks_5_to_8"], label["later"]) == (8, 4, 0)
    assert label["devices_most"] == 3


def test_grams_stand_beside_those_of_users() -> None:
    """56 mg once and 84 mg eleven times; 73 g a month of long-term users (Strous 2022)."""
    label = compute("beside_users", regimen="label:spravato-trd-us").values
    assert label["total"] == pytest.approx(0.056 + 11 * 0.084)
    assert label["times_low"] <= 73 / label["month"] <= label["times_high"]
    year = compute("beside_users", regimen="esketamine 84 mg intranasal weekly for 52 weeks")
    assert year.values["total"] == pytest.approx(52 * 0.084)
    assert "not of risks" in year.note


def test_dissociation_comes_from_the_model_of_effects() -> None:
    """The same figures as ks.effect_table gives for the same people."""
    result = ks.simulate(INFUSION, people=200, seed=1)
    (row,) = ks.effect_table(result, names=["cadss"])
    gone = compute("back_after", effect="cadss", regimen=INFUSION)
    assert gone.unit == "min"
    assert gone.values["by_95_percent"] == pytest.approx(60 * row["gone"]["q95"] - 40)
    assert 0 <= gone.values["median"] <= gone.values["by_95_percent"] < 480
    above = compute("share_above", effect="cadss", regimen=INFUSION).values
    for one in row["shares"]:
        assert above[one["cut"]] == pytest.approx(100 * one["share"])
    assert "calibration" in gone.note


def test_the_course_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Differences at 2 h, 24 h and day 8, as `ketascope course` prints them."""
    found = compute("madrs_difference", regimen=INFUSION)
    assert found.unit == "points"
    assert main(shlex.split(found.commands[0])[1:]) == 0
    printed = json.loads(capsys.readouterr().out)
    rows = {row["label"]: row["change"]["difference"] for row in printed["items"]}
    for label in ("2 h", "24 h", "day 8"):
        assert found.values[label] == rows[label]["q50"] < 0
        assert found.values[f"{label}, low"] < found.values[label] < found.values[f"{label}, high"]
        low, high = rows[label]["within"]
        assert found.values[f"{label}, low"] < low < high < found.values[f"{label}, high"]
    assert "calibration" in found.note


def test_benefit_fades_after_the_last_dose() -> None:
    six = "ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks"
    found = compute("left_after_last_dose", regimen=six).values
    times = [24.0, 264.0 + 168.0]
    curve = ks.course(six, times=times)["difference_change"].sel(spread="between trials")
    middle = curve.sel(quantile=0.5).to_numpy()
    assert [found["day"], found["week"]] == pytest.approx(list(middle))
    assert abs(found["week"]) < abs(found["day"])
    with pytest.raises(InputError, match="a week after its last dose"):
        compute("left_after_last_dose", regimen="label:spravato-trd-us")


def test_relapse_is_that_of_the_one_trial() -> None:
    """SUSTAIN-1: of remitters 45 % against 27 % relapsed, over follow-up of months."""
    values = compute("relapse_after_stopping", regimen=SPRAY).values
    assert values["going on, 26 weeks"] < 27 < values["going on, 52 weeks"]
    assert values["stopped, 26 weeks"] < 45 < values["stopped, 52 weeks"]


def test_readiness_and_pressure_come_from_their_models() -> None:
    people = ks.simulate(INFUSION, people=200, seed=1)
    ready = compute("ready_to_leave", regimen=INFUSION)
    want = ks.readiness(people)
    for hour in (1.5, 2.0):
        assert ready.values[f"{hour:g} h"] == pytest.approx(100 * want.ready.share(hour))
    assert ready.values["1.5 h"] <= ready.values["2 h"]
    assert ("Not predicted" in ready.text) == bool(want.not_predicted)
    rise = compute("peak_in_people", effect="systolic_change", regimen=INFUSION)
    (row,) = ks.effect_table(people, names=["systolic_change"])
    assert rise.unit == "mmHg"
    assert rise.values == {k: row["peak"][k] for k in ("q05", "q50", "q95", "low", "high")}


def test_both_sides_of_dissociation_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    found = compute("benefit_and_dissociation", regimen=INFUSION)
    assert main(shlex.split(found.commands[0])[1:]) == 0
    links = Counter(row["link"] for row in json.loads(capsys.readouterr().out)["dissociation"])
    assert found.values == {
        "entries": sum(links.values()), "link": links["yes"], "no_link": links["no"],
        "mixed": links["mixed"],
    }  # fmt: skip
    assert min(links["yes"], links["no"]) >= 1
    assert "does not route response through dissociation" in found.text


def test_trials_give_what_their_counts_give() -> None:
    """ELEKT-D: 108 of 195 against 70 of 170 responded, 14 points, 95 % interval 4 to 24."""
    values = compute("trial_outcome", trial="elekt_d", outcome="response").values
    assert values["difference"] == pytest.approx(values["ketamine"] - values["other"])
    assert values["difference"] == pytest.approx(100 * (108 / 195 - 70 / 170))
    assert (round(values["low"]), round(values["high"])) == (4, 24)
    unsure = compute("trial_outcome", trial="cobalt", outcome="response")
    assert "Not checked at its source" in unsure.note
    assert "difference" not in unsure.values
    for trial, outcome, said in (("none", "response", "no trial"), ("cobalt", "x", "no outcome")):
        with pytest.raises(InputError, match=said):
            compute("trial_outcome", trial=trial, outcome=outcome)


def test_no_trial_of_the_table_gives_both() -> None:
    alone = compute("trials_together", words=["behavioural therapy"])
    assert (alone.values["of_it"], alone.values["together"]) == (1, 0)
    assert "cannot be worked out" in alone.text
    ect = compute("trials_together", words=["electroconvulsive"])
    assert ect.values["together"] == ect.values["of_it"] == 2
    assert "cannot be worked out" not in ect.text


def test_an_opioid_is_countered_as_printed() -> None:
    """1 + C / 127 ng/mL (Jonkman 2018), C the peak of a typical adult."""
    regimen = "esketamine 40 mg iv over 60 min once"
    found = compute("typical_peak", effect="opioid_shift", regimen=regimen, told={"opioid": 1})
    table = ks.exposure(ks.simulate(regimen, typical=True))
    peak = float(table.loc[table["analyte"] == "esketamine", "cmax"].iloc[0])
    assert found.values["peak"] == pytest.approx(1 + peak / 127, rel=1e-3)
    assert "no protection" in found.note
    assert "--told opioid=1" in found.commands[0]


def test_peaks_stand_in_proportion() -> None:
    found = compute("peak_beside", regimen="ketamine 1 mg/kg iv over 40 min once", beside=INFUSION)
    assert found.values["peak"] / found.values["beside"] == pytest.approx(2, rel=1e-6)


def test_a_wrong_name_or_argument_is_refused() -> None:
    with pytest.raises(InputError, match="no computation 'nothing'"):
        compute("nothing")
    with pytest.raises(InputError, match="visits"):
        compute("visits", drug="ketamine")


def test_what_no_model_covers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    one = known_claims()["28b"].model_copy(
        update={
            "simulation": (
                Simulation(
                    computation="left_after",
                    arguments={"regimen": "ketamine 50 mg rectal once", "hours": 2},
                ),
            )
        }
    )
    monkeypatch.setattr("ketascope.evidence.claims.known_claims", lambda: {"28b": one})
    (found,) = ks.claims()
    assert found.simulated[0].text.startswith("Not predicted: no published model")
    assert found.simulated[0].values == {}


def test_the_commands_print_the_same_number(capsys: pytest.CaptureFixture[str]) -> None:
    found = compute("left_after", regimen=INFUSION, hours=2)
    printed = []
    for command in found.commands:
        program, *arguments = shlex.split(command)
        assert program == "ketascope"
        assert main(arguments) == 0
        printed.append(capsys.readouterr().out.splitlines())
    cmax = float(printed[0][1].split(",")[3])
    late = float(printed[1][-1].split(",")[2])
    assert 100 * late / cmax == pytest.approx(found.values["share"], rel=1e-6)


def test_every_command_is_one_that_there_is(judged: list[Judged]) -> None:
    from ketascope.cli import app

    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    for one in judged:
        for computed in one.simulated:
            for command in computed.commands:
                assert shlex.split(command)[:1] == ["ketascope"]
                assert shlex.split(command)[1] in known


def test_choosing(judged: list[Judged]) -> None:
    assert [one.claim.id for one in ks.claims("22", "7", simulation=False)][:2] == ["22", "7a"]
    found = ks.claims(topic="Risk", verdict="not-assessable", simulation=False)
    assert {one.claim.topic for one in found} == {"risk"}
    assert {one.claim.verdict for one in found} == {"not assessable"}
    assert all(one.simulated == () for one in found)
    for arguments, said in (
        ({"topic": "money"}, "is no topic"),
        ({"verdict": "true"}, "is no verdict"),
    ):
        with pytest.raises(InputError, match=said):
            ks.claims(**arguments)
    with pytest.raises(InputError, match="no claim '99'"):
        ks.claims("99")


def test_text_holds_everything_within_its_width(judged: list[Judged]) -> None:
    text = claim_text(judged, 80)
    wide = [line for line in text.splitlines() if len(line) > 80]
    assert all(line.lstrip().startswith("$ ketascope ") for line in wide)
    flat = " ".join(text.split())
    for one in judged:
        assert one.claim.why in flat
        for each in one.claim.evidence:
            assert each.finding in flat
        for computed in one.simulated:
            assert computed.text in flat
    assert verdict_counts(judged).startswith(f"{len(judged)} claims: ")


def test_numbers_are_written_without_exponent() -> None:
    told = [two_figures(value) for value in (0, 1e-9, 0.00321, 0.25, 1, 48.2, 1124.8)]
    assert told == ["0", "under 0.001", "0.0032", "0.25", "1", "48", "1100"]


def test_json_is_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "10", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == "ketascope/claims/1"
    assert set(data) == {"schema", "version", "as_of", "items"}
    assert [item["id"] for item in data["items"]] == ["10a", "10b"]
    for item in data["items"]:
        assert {
            "id",
            "claim",
            "verdict",
            "why",
            "evidence_for",
            "evidence_against",
            "simulated",
        } <= set(item)
        for each in item["evidence_for"]:
            assert {"finding", "source", "where", "how", "strength", "species"} <= set(each)
        assert item["simulated"][0]["values"]
        assert item["simulated"][0]["commands"]


def test_the_list_is_quick_and_quiet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_: object) -> None:
        raise AssertionError("a list needs no simulation")

    monkeypatch.setattr("ketascope.checks.claims._run", never)
    assert main(["claims"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{len(known_claims())} claims: ")
    assert len(re.findall(r"^\d+[a-z]? ", out, re.MULTILINE)) >= len(known_claims())
    assert main(["claims", "--topic", "networks", "--no-simulation", "--whole"]) == 0
    assert "Not reached:" in capsys.readouterr().out


def test_into_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path
    assert main(["claims", "8", "-o", str(folder / "c.json")]) == 0
    assert [i["id"] for i in json.loads((folder / "c.json").read_text())["items"]] == ["8a", "8b"]
    assert main(["claims", "8", "-o", str(folder / "c.txt")]) == 0
    assert "Verdict: contested" in (folder / "c.txt").read_text()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["99"], "there is no claim '99'"),
        (["--topic", "money"], "is no topic"),
        (["--verdict", "true"], "is no verdict"),
        (["8", "-o", "nowhere/c.json"], "does not exist"),
        (["8", "-o", "c.docx"], "use .txt or .json"),
        (["--format", "xml"], "xml"),
    ],
)
def test_bad_input_ends_with_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_the_page_holds_every_claim_and_every_link_has_an_end(
    judged: list[Judged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "docs" / "_ext"))
    from claims_page import page

    text = page(judged)
    anchors = set(re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE))
    links = set(re.findall(r"\]\(#([\w-]+)\)", text))
    assert {link for link in links if link.startswith("claim-")} == anchors
    assert {link.removeprefix("source-") for link in links - anchors} <= set(ks.sources())
    assert len(anchors) == len(judged)
    for one in judged:
        for computed in one.simulated:
            assert all(command in text for command in computed.commands)
