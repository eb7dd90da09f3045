"""Published consciousness, breathing, perception and pain beside who answers for them."""

from __future__ import annotations

import pytest

from ketascope.checks.effects import predict
from ketascope.checks.rules import THRESHOLD, rule_for
from ketascope.errors import Unsupported
from ketascope.evidence.published import published

ROWS = {
    value.id: value
    for value in published()
    if value.id.startswith(("other_acute.", "practice.jansen_2024"))
}
PREDICTED = {
    "other_acute.anaesthesist_1992_racemate.recovery_of_consciousness.time",
    "other_acute.idvall_1979_recovery.recovery_of_consciousness.threshold",
    "other_acute.kannikeswaran_2016_1.child_sedation.time",
    "other_acute.kannikeswaran_2016_1_5.child_sedation.time",
    "other_acute.kannikeswaran_2016_2.child_sedation.time",
}


@pytest.mark.parametrize("name", sorted(set(ROWS) - PREDICTED))
def test_what_no_relation_answers_says_why(name):
    with pytest.raises(Unsupported) as refused:
        predict(ROWS[name])
    assert len(refused.value.message.split()) > 5


def test_the_level_at_recovery_is_that_of_the_relation_in_the_unit_of_the_row():
    found = predict(ROWS["other_acute.idvall_1979_recovery.recovery_of_consciousness.threshold"])
    assert found.centre == pytest.approx(740.0 / 237.73, rel=1e-4)
    assert (found.low, found.high) == (None, None)
    assert rule_for("threshold", effect="recovery_of_consciousness") is THRESHOLD


def test_sedation_of_children_is_predicted_to_last_longer_after_more():
    """What was measured does not: two of the three rows fail, and say so."""
    lasted = [
        predict(ROWS[f"other_acute.kannikeswaran_2016_{dose}.child_sedation.time"]).centre
        for dose in ("1", "1_5", "2")
    ]
    assert lasted == pytest.approx([13.4, 22.7, 36.8], abs=0.5)


def test_recovery_after_a_bolus_is_too_late_on_the_default_model():
    name = "other_acute.anaesthesist_1992_racemate.recovery_of_consciousness.time"
    found = predict(ROWS[name])
    assert found.model == "unresponsive on clements_1981"
    assert found.centre == pytest.approx(18.7, abs=1.0)
    assert ROWS[name].unit == "min"
