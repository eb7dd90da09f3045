import contextlib
import subprocess
import sys

import pytest
from dosing.regimens import messy, regimens
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketascope.dosing import (
    Amount,
    Component,
    Extent,
    Frequency,
    Phase,
    Rate,
    Regimen,
    RegimenError,
    parse_dose,
    parse_minutes,
    parse_regimen,
)
from ketascope.dosing.vocabulary import TERMINALS
from ketascope.errors import InputError

COURSE_DAYS = Frequency("course days", days=(1, 4))


def one(text: str) -> Component:
    return parse_regimen(text).phases[0].components[0]


def test_two_phases_take_over_drug_and_route() -> None:
    regimen = parse_regimen(
        "esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks"
    )
    assert regimen == Regimen(
        (
            Phase(
                (Component("esketamine", Amount(56.0, "mg"), "intranasal"),),
                Frequency("weekly", 2),
                Extent(4, "weeks"),
            ),
            Phase(
                (Component("esketamine", Amount(84.0, "mg"), "intranasal"),),
                Frequency("weekly"),
                Extent(4, "weeks"),
            ),
        )
    )


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("KETAMINE   0.5 MG/KG IV\nOVER 40 MIN", "ketamine 0.5 mg/kg iv over 40 min once"),
        ("iv ketamine over 40 min 0.5mg/kg once", "ketamine 0.5 mg/kg iv over 40 min once"),
        (
            "ketamine 0.5 mg/kg ideal body weight max 60 mg iv for 40 minutes",
            "ketamine 0.5 mg/kg of ideal weight max 60 mg iv over 40 min once",
        ),
        ("ketamine 10 mcg/kg/min iv for 2 h", "ketamine 10 ug/kg/min iv over 2 h once"),
        ("ketamine 20 mg per hour iv over 2 hours", "ketamine 20 mg/h iv over 2 h once"),
        (
            "ketamine 0.1 mg/kg iv push plus 0.15 mg/kg/h over 1 h",
            "ketamine 0.1 mg/kg iv bolus and 0.15 mg/kg/h iv over 60 min once",
        ),
        ("ketamine 0.05 g im once", "ketamine 50 mg im once"),
        ("ketamine 1,000 micrograms/kg im once", "ketamine 1 mg/kg im once"),
        ("ketamine 1e2 mg im", "ketamine 100 mg im once"),
        ("Spravato 84 mg once", "esketamine 84 mg intranasal once"),
        ("ketamine 50 mg im every other day 3 doses", "ketamine 50 mg im every 2 days for 3 doses"),
        ("ketamine 50 mg im monthly 3 doses", "ketamine 50 mg im every 4 weeks for 3 doses"),
        (
            "ketamine 50 mg im fortnightly for 8 weeks",
            "ketamine 50 mg im every 2 weeks for 8 weeks",
        ),
        ("ketamine 50 mg im on days 1, 4 and 8", "ketamine 50 mg im on days 1, 4, 8"),
        ("ketamine 50 mg im on days 1,100", "ketamine 50 mg im on days 1, 100"),
        ("ketamine 50 mg solution by mouth once", "ketamine 50 mg oral solution once"),
        ("ketamine 50 mg oral thin film buccally", "ketamine 50 mg buccal film once"),
        (
            "ketamine 0.5 mg/kg iv over 40 min weekly for 2 weeks then twice weekly for 1 week",
            "ketamine 0.5 mg/kg iv over 40 min weekly for 2 weeks"
            " then 0.5 mg/kg twice weekly for 1 week",
        ),
        (
            "ketamine 0.5 mg/kg max 60 mg iv over 40 min once then over 60 min weekly for 2 weeks",
            "ketamine 0.5 mg/kg max 60 mg iv over 40 min once"
            " then ketamine 0.5 mg/kg max 60 mg iv over 60 min weekly for 2 weeks",
        ),
        ("ketamine 50 mg im 1 dose", "ketamine 50 mg im once"),
        ("ketamine 50 mg im once for one dose", "ketamine 50 mg im once"),
        ("ketamine 50 mg im every hour for 2 doses", "ketamine 50 mg im every 1 h for 2 doses"),
        ("ketamine 50 mg im daily for 1 dose", None),
        (
            "ketamine 0.5 mg/kg of lean body mass iv over 40 min",
            "ketamine 0.5 mg/kg of lean weight iv over 40 min once",
        ),
        ("ketamine 35 mg iv 40 min once", "ketamine 35 mg iv over 40 min once"),
        ("ketamine 35 mg iv 2 h weekly x6", "ketamine 35 mg iv over 2 h weekly for 6 doses"),
        ("ketamine 50 mg im 3 x weekly x 6", "ketamine 50 mg im 3 times weekly for 6 doses"),
        ("ketamine 50 mg im weekly \u00d7 3 weeks", "ketamine 50 mg im weekly for 3 weeks"),
        ("ketamine 50 mg im weekly x 6 doses", "ketamine 50 mg im weekly for 6 doses"),
        (
            "ketamine 50 mg im on day 1 then 75 mg on days 4 and 8 of  the course",
            "ketamine 50 mg im on day 1 then 75 mg on days 4, 8 of the course",
        ),
        ("ketamine 50 mg im on days 1, 4 of the course", "ketamine 50 mg im on days 1, 4"),
        (
            "ketamine 0.5 mg/kg im on days 1, 4 of ideal weight",
            "ketamine 0.5 mg/kg of ideal weight im on days 1, 4",
        ),
        ("ketamine 500 mg sc over 1 day once", "ketamine 500 mg sc over 24 h once"),
    ],
)
def test_printed(text: str, printed: str | None) -> None:
    regimen = parse_regimen(text)
    assert parse_regimen(str(regimen)) == regimen
    if printed is not None:
        assert str(regimen) == printed


@pytest.mark.parametrize(
    "text",
    [
        "ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks",
        "esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks",
        "ketamine 0.1 mg/kg iv bolus and 0.15 mg/kg/h iv over 60 min once",
        "ketamine 50 mg oral every 6 h for 10 doses",
        "esketamine 20 mg intranasal solution once",
    ],
)
def test_canonical_text_is_printed_back(text: str) -> None:
    assert str(parse_regimen(text)) == text


def test_hydrochloride_is_converted_to_base() -> None:
    # Ketalar's label: 57.67 mg of hydrochloride hold 50 mg of base.
    dose = one("ketamine hydrochloride 57.67 mg im once").amount
    assert dose.value == pytest.approx(50.0, rel=2e-4)
    assert one("ketamine base 57.67 mg im once").amount.value == 57.67


def test_a_phase_without_a_drug_keeps_the_salt() -> None:
    regimen = parse_regimen("ketamine hcl 57.67 mg im daily for 2 days then 115.34 mg once")
    first, second = (phase.components[0].amount.value for phase in regimen.phases)
    assert second == pytest.approx(2 * first, rel=1e-5)


def test_labelled_salt_of_a_nasal_device_is_whole_devices() -> None:
    assert one("Spravato hydrochloride 64.6 mg once").amount == Amount(56.0, "mg")


def test_rates_keep_their_unit_and_give_an_amount() -> None:
    component = one("ketamine 10 ug/kg/min iv over 2 h")
    assert component.dose == Rate(10.0, "ug/kg/min")
    assert component.amount == Amount(1.2, "mg/kg")
    assert one("ketamine 0.15 mg/kg/h iv over 60 min").amount == Amount(0.15, "mg/kg")


def test_form_and_duration_are_not_taken_over_with_another_route() -> None:
    regimen = parse_regimen("ketamine 50 mg oral tablet once then 50 mg sublingual once")
    assert regimen.phases[1].components[0].form is None


@pytest.mark.parametrize(
    ("dose", "value"),
    [
        ("0.5 mg/kg of ideal weight max 60 mg", Amount(0.5, "mg/kg", "ideal", 60.0)),
        ("20 mg/h", Rate(20.0, "mg/h")),
    ],
)
def test_a_dose_alone(dose: str, value: Amount | Rate) -> None:
    assert parse_dose(dose) == value


def test_a_duration_alone() -> None:
    assert (parse_minutes("40 min"), parse_minutes("1.5 h"), parse_minutes("2 days")) == (
        40.0,
        90.0,
        2880.0,
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(regimens())
def test_printing_and_reading_is_the_identity(regimen: Regimen) -> None:
    if len(str(regimen)) <= 2000:
        assert parse_regimen(str(regimen)) == regimen


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_messy_text_means_the_same(data: st.DataObject) -> None:
    regimen = data.draw(regimens())
    text = data.draw(messy(regimen))
    if len(text) <= 2000:
        assert parse_regimen(text) == regimen


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_regimen_or_an_input_error(text: str) -> None:
    # Anything but InputError would come through and fail the test.
    with contextlib.suppress(InputError):
        parse_regimen(text)


BAD = [
    ("esketamine 56 mg intransal once", 18, "'intransal'", "did you mean 'intranasal'?"),
    ("ketmine 50 mg im once", 1, "'ketmine'", "did you mean 'ketamine'?"),
    ("ketamine 0.5 mg/kg iv ovr 40 min", 23, "'ovr'", "did you mean 'over'?"),
    ("ketamine 5 mg im twise weekly for 4 weeks", 18, "'twise'", "did you mean 'twice'?"),
    ("ketamine 0.5 mg/kg of idael weight im", 23, "'idael'", "did you mean 'ideal'?"),
    ("midazolam 2 mg iv bolus", 1, "'midazolam'", "a drug such as 'esketamine'"),
    ("esketamine 57 mg intranasal once", 12, "cannot give 57 mg", "28, 56, 84 mg"),
    ("esketamine 0.5 mg/kg intranasal once", 12, "cannot give 0.5 mg/kg", "28, 56, 84 mg"),
    ("ketamine 0.5 mg/kg iv once", 10, "how fast", "'over 40 min', or 'bolus'"),
    ("ketamine 50 mg intranasal over 40 min", 27, "given at once", "leave out 'over 40 min'"),
    ("ketamine", 1, "no dose", "'0.5 mg/kg'"),
    ("ketamine 50 mg", 10, "names no route", "iv, intranasal"),
    ("50 mg iv bolus", 1, "names no drug", "ketamine"),
    ("ketamine 0,5 mg/kg iv", 11, "comma", "0.5"),
    ("ketamine 0.5-1 mg/kg iv bolus", 13, "range", "one number"),
    ("ketamine -5 mg iv bolus", 10, "-5 is not greater than zero", "greater than zero"),
    ("ketamine 0 mg im once", 10, "0 is not greater than zero", "greater than zero"),
    ("ketamine 1e99 mg im", 10, "too large", "1,000,000"),
    ("ketamine 0.0000000001 mg im", 10, "outside the range", "give a number"),
    ("ketamine 50 mg im weekly", 19, "for how long", "'for 4 weeks'"),
    ("ketamine 50 mg im for 4 weeks", 1, "how often", "'twice weekly'"),
    ("ketamine 50 mg im weekly for 4", 31, "not complete", "'weeks'"),
    ("ketamine 5 mg im weekly for 4 weeks then 6 mg", 42, "how often", "'daily'"),
    ("ketamine 50 mg im weekly for 4 months", 26, "not a fixed number", "say weeks"),
    ("ketamine 50 mg im every 2 months for 3 doses", 19, "not a fixed number", "every 4 weeks"),
    ("ketamine 0.5 mg/kg max 2 mg/kg im", 20, "limits nothing", "in mg"),
    ("ketamine 50 mg im weekly for 2.5 weeks", 30, "whole number", "2.5"),
    ("ketamine 50 mg im once once", 24, "'once' comes after 'once'", "leave one out"),
    ("ketamine 50 mg im iv once", 19, "'iv' comes after 'im'", "'and'"),
    ("ketamine 50 mg oral film once", 21, "does not go with the oral route", "sublingual"),
    ("ketamine 20 mg/h iv bolus", 21, "a bolus has no rate", "mg or mg/kg"),
    ("ketamine 20 mg/h iv", 10, "how much", "'over 2 h'"),
    ("ketamine 50 mg/m2 iv over 1 h", 13, "'mg/m2' is not a unit", "mg/kg"),
    ("ketamine 5 ml iv", 12, "volume", "mg"),
    ("ketamine 50 mg max 60 mg im", 16, "needs no maximum", "per kg"),
    ("ketamine 50 mg of lean weight im", 16, "does not depend on lean weight", "per kg"),
    ("Spravato 84 mg iv bolus", 16, "'iv' is intravenous", "leave one out"),
    ("ketamine 50 mg im on days 2, 4", 19, "day 2", "count the days"),
    ("ketamine 50 mg im on days 1, 4, 4", 19, "day 4", "rising order"),
    ("ketamine 50 mg im on days 1, 9 for 1 week", 32, "day 9", "9 days"),
    ("ketamine 50 mg im on days 1, 9 for 2 doses", 32, "how many doses", "leave out"),
    ("ketamine 50 mg im once for 4 weeks", 24, "contradict", "'weekly'"),
    ("ketamine 50 mg im 10 times weekly for 2 weeks", 19, "more often than daily", "daily"),
    ("ketamine 5 mg sublingual bolus", 26, "a bolus is injected", "leave it out"),
    ("ketamine 50 mg im on Mondays", 22, "weekdays are not part", "'weekly' or 'twice weekly'"),
    ("ketamine 50 mg im every Tue.", 25, "weekdays are not part", "'on days 1, 4, 8'"),
    ("esketamine 50 mg film once", 12, "names no route", "add sublingual or buccal"),
    ("ketamine 50 mg ER tablet once", 10, "names no route", "add oral"),
    ("ketamine 50 mg im 40 min once", 19, "given at once", "leave out 'over 40 min'"),
    ("ketamine 50 mg im once x 6", 24, "contradict", "'weekly'"),
    ("ketamine 50 mg im weekly x 6 for 2 weeks", 30, "comes after 'x 6'", "leave one out"),
    ("ketamine 50 mg im weekly x 4 months", 26, "not a fixed number", "say weeks"),
    (
        "ketamine 50 mg im once then on days 4, 8 of the course for 2 weeks",
        56,
        "'for 2 weeks' is too much",
        "leave out",
    ),
    ("ketamine 1 mg iv bolus and once", 24, "no dose follows", "leave it out"),
    ("and ketamine 1 mg iv bolus", 1, "no dose stands before", "leave it out"),
    ("then ketamine 1 mg iv bolus", 1, "'then' does not fit", "would fit"),
]


@pytest.mark.parametrize(("text", "column", "says", "hint"), BAD, ids=[b[0] for b in BAD])
def test_refusals(text: str, column: int, says: str, hint: str) -> None:
    with pytest.raises(RegimenError) as refusal:
        parse_regimen(text)
    message = str(refusal.value)
    assert message.startswith(f"regimen, column {column}: ")
    assert says in message
    assert hint in message
    assert message.count("\n") == 0
    assert not any(f" {terminal} " in message for terminal in TERMINALS)


def test_the_pointer_marks_the_word() -> None:
    with pytest.raises(RegimenError) as refusal:
        parse_regimen("esketamine 56 mg\tintransal once")
    words, carets = refusal.value.pointer.splitlines()
    assert words[carets.index("^") : len(carets)] == "intransal"


@pytest.mark.parametrize("text", ["", "  \n", "ketamine " * 500])
def test_empty_and_endless_texts_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_regimen(text)


def test_every_suggested_word_is_read() -> None:
    """A word that a message proposes must be one that the grammar reads as that terminal."""
    from ketascope.dosing.language import _parser

    for terminal, (_, _, words) in TERMINALS.items():
        for word in words:
            assert [t.type for t in _parser().lex(word)] == [terminal], word


@pytest.mark.parametrize(
    "make",
    [
        lambda: Amount(-1.0, "mg"),
        lambda: Amount(float("nan"), "mg"),
        lambda: Amount(1.0, "ml"),  # type: ignore[arg-type]
        lambda: Amount(1.0, "mg", "ideal"),
        lambda: Rate(1.0, "mg"),  # type: ignore[arg-type]
        lambda: Component("ketamine", Amount(1.0, "mg"), "oral", None, 40.0),
        lambda: Component("ketamine", Rate(1.0, "mg/h"), "intravenous"),
        lambda: Component("midazolam", Amount(1.0, "mg"), "oral"),  # type: ignore[arg-type]
        lambda: Component("ketamine", Amount(1.0, "mg"), "nose"),  # type: ignore[arg-type]
        lambda: Frequency("weekly", 8),
        lambda: Frequency("daily", 0),
        lambda: Frequency("days", 1),
        lambda: Frequency("on days"),
        lambda: Frequency("once", days=(1,)),
        lambda: Frequency("course days"),
        lambda: Regimen((Phase((Component("ketamine", Amount(1.0, "mg"), "oral"),), COURSE_DAYS),)),
        lambda: Extent(0, "weeks"),
        lambda: Phase((), Frequency("once")),
        lambda: Regimen(()),
    ],
)
def test_values_refuse_what_no_words_could_say(make: object) -> None:
    with pytest.raises(InputError):
        make()  # type: ignore[operator]


def test_no_lazy_name_is_hidden_by_a_module() -> None:
    code = (
        "import ketascope.dosing.load, ketascope.dosing.bounds, ketascope.dosing.labels\n"
        "import ketascope.dosing.regimen_file, ketascope.dosing as d\n"
        "assert all(callable(getattr(d, n)) for n in d.__all__ if n[0].islower())"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_loads_no_parser_and_no_schema() -> None:
    code = (
        "import sys, ketascope.dosing\n"
        "heavy = {'lark', 'yaml', 'pydantic', 'pandas', 'numpy', 'jax', 'pint'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
