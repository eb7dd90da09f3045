"""The comparison as a whole: what is counted as what, and what is said of failures."""

import json

import pytest

from ketascope.checks import Row, counts, in_words, validate
from ketascope.checks.comparison import _explanations
from ketascope.errors import InputError
from ketascope.evidence.published import published
from ketascope.evidence.receptor_values import receptor_values
from ketascope.evidence.receptors import memantine


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return validate()


def test_one_row_is_one_number(rows):
    ids = [row.id for row in rows]
    assert len(ids) == len(set(ids))
    assert {value.id for value in published()} <= set(ids)


def test_enough_independent_checks(rows):
    checks = [r for r in rows if r.used_for == "check" and r.passed is not None]
    assert len(checks) >= 40
    assert len({r.source for r in checks}) >= 8


def test_a_reproduction_is_never_a_check(rows):
    by_id = {value.id: value for value in published()}
    for row in rows:
        value = by_id.get(row.id)
        if value is None or row.model is None:
            continue
        if row.model in (value.model, *value.not_independent_of):
            assert row.used_for != "check", row.id
        if row.used_for == "check":
            assert value.used_for == "check"


def test_nothing_of_an_arm_that_was_fitted_is_a_check_of_the_fitted_model(rows):
    """Another figure of the same people on the same day is not independent of the fit."""

    def arms(use: str) -> set[tuple[str, str]]:
        return {
            (".".join(row.id.split(".")[:2]), row.model)
            for row in rows
            if row.used_for == use and row.model and row.kind != "receptor"
        }

    assert len(arms("fit")) > 20
    assert arms("fit") & arms("check") == set()


def test_later_papers_of_the_lenders_group_are_no_check_of_who_borrows(rows):
    used = {row.id: row.used_for for row in rows if row.model == "ketamine_oral_calibrated"}
    assert used["absorption_checks.oral_half_mg_per_kg.ketamine.cmax"] == "reproduce"
    assert used["absorption_checks.oral_clements.ketamine.bioavailability"] == "reproduce"
    assert used["absorption_checks.oral_tablets.ketamine.bioavailability"] == "check"


def test_a_label_is_no_check_of_itself():
    """A figure on a receptor is a check only against numbers of another source."""
    own = {"memantine": memantine().source}
    seen = 0
    for value in receptor_values():
        drug = value.compute.get("average_by_clearance")
        if drug is not None:
            seen += 1
            assert (value.used_for == "check") <= (value.source != own[drug])
    assert seen


def test_every_row_is_predicted_or_says_why_not(rows):
    for row in rows:
        if row.passed is None:
            assert row.simulated is None
            assert row.explanation.startswith("Not predicted: "), row.id
        else:
            assert row.model or row.kind == "receptor"
            assert row.simulated is not None


def test_every_failure_is_explained_and_nothing_else_is(rows):
    failed = {row.id for row in rows if row.passed is False}
    assert failed - set(_explanations()) == set()
    fine = {row.id for row in rows if row.passed is True}
    assert fine & set(_explanations()) == set()
    assert set(_explanations()) <= {row.id for row in rows}


def test_counts_add_up(rows):
    table = counts(rows)
    assert sum(c["rows"] for c in table) == len(rows)
    assert all(c["passed"] <= c["predicted"] <= c["rows"] for c in table)
    assert all(c["inside"] <= c["with_interval"] <= c["predicted"] for c in table)
    assert table[0]["used_for"] == "check"


def test_the_sentence_counts_checks_alone(rows):
    said = in_words(rows)
    checks = [r for r in rows if r.used_for == "check" and r.passed is not None]
    assert said.startswith(f"{sum(r.passed for r in checks)} of {len(checks)} independent checks")
    assert in_words([r for r in rows if r.used_for == "fit"]).startswith("No independent check")


def test_records_are_json(rows):
    keys = {"id", "quantity", "unit", "model", "conditions", "published", "interval", "simulated",
            "simulated_interval", "used_for", "rule", "pass", "explanation", "source"}  # fmt: skip
    for row in rows:
        record = json.loads(json.dumps(row.record()))
        assert keys <= set(record)


def test_again_gives_the_same_numbers():
    first, second = (validate("simons_2022.film_50mg") for _ in range(2))
    assert first == second
    assert all(row.id.startswith("simons_2022.film_50mg") for row in first)


def test_an_unknown_id_is_refused():
    with pytest.raises(InputError, match="no published figure"):
        validate("nobody_1900")


def test_the_known_defect_of_the_metabolite_fails_its_own_table():
    row = validate("perez_ruixo_2021.18_60_white_84mg.esnorketamine.auc")[0]
    assert row.used_for == "reproduce"
    assert row.passed is False
    assert 1.3 < row.fold < 1.6
