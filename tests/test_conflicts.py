"""The page on conflicts is what the data say."""

from __future__ import annotations

import pytest

from docs.make_conflicts import PAGE, known_rows, page, simulated
from ketascope.errors import InputError
from ketascope.evidence.conflicts import Conflict, ConflictRow, conflicts
from ketascope.evidence.sources import sources

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    assert page() == TEXT, "run: python docs/make_conflicts.py"


@pytest.mark.parametrize("conflict", conflicts(), ids=lambda conflict: conflict.id)
def test_every_number_has_a_source(conflict: Conflict) -> None:
    rows = known_rows()
    for row in conflict.rows:
        if row.value is not None:
            assert row.source in sources()
        elif row.simulate is None:
            assert rows[row.row or row.compute or ""].source in sources()


def test_what_was_asked_for_is_there() -> None:
    wanted = {"protein_binding", "hcn1", "hydroxynorketamine_ratio", "norketamine_effect"}
    assert wanted <= {conflict.id for conflict in conflicts()}
    assert TEXT.count("*(not checked)*") == 1


def test_numbers_in_the_text_are_those_of_the_rows() -> None:
    rows = known_rows()
    plasma = [0.53, 0.56, 0.70]
    assert {rows[k].value for k in ("dayton_1983", "label_esketamine", "ashraf_2018_s")} == {
        *plasma
    }
    assert max(plasma) / rows["schmidt_holzgrabe_2024_r"].value == pytest.approx(2.4, abs=0.05)
    assert max(plasma) / min(plasma) == pytest.approx(1.3, abs=0.05)
    # unbound ketamine at the peak of the infusion, umol/L
    for key, share in (("chen_2009_hcn1", 0.065), ("xing_2017", 0.006)):
        c = 0.395
        assert c / (c + rows[f"{key}.ketamine.R+S.hcn1"].value) == pytest.approx(share, rel=0.03)
    cleared = rows["perez_ruixo_2021.abstract_iv.esketamine.clearance"].value
    label = rows["spravato_label.iv.esketamine.clearance"].value
    assert cleared / label == pytest.approx(1.28, abs=0.005)


def test_the_model_gives_less_hydroxynorketamine_than_was_measured() -> None:
    measured = known_rows()["racemate.hasan_2021_iv_5mg.eshydroxynorketamine.ratio"].value
    found = simulated("esketamine 5 mg iv over 10 min once", "simons_2022", 10)
    assert found == pytest.approx(0.646, abs=0.005)
    assert found < measured / 2


@pytest.mark.parametrize(
    "row",
    [
        {"conditions": "x"},
        {"conditions": "x", "row": "a", "value": 1.0},
        {"conditions": "x", "value": 1.0},
        {"conditions": "", "row": "a"},
    ],
)
def test_a_row_is_one_thing_and_whole(row: dict[str, object]) -> None:
    with pytest.raises((InputError, ValueError)):
        ConflictRow(**row)  # type: ignore[arg-type]
