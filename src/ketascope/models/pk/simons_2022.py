"""Sublingual or buccal S-ketamine film and IV S-ketamine, to S-hydroxynorketamine: Simons 2022."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.models.structure import (
    OUT,
    Array,
    Concentration,
    Covariates,
    Individual,
    Into,
    Model,
    People,
)

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

HOW = (
    "read line by line in the transcription of nlmixr2lib; design, bioavailability and IV peaks "
    "read in the thesis that holds the paper"
)
TABLE_4 = Place("simons_2022", "Table 4", HOW)
METHODS = Place("simons_2022", "Methods, population pharmacokinetic analysis; Figure 2", HOW)
NOT_PRINTED = Place(
    "simons_2022", "Table 4, which prints values at 70 kg without the exponents", HOW
)

P = Parameter


def between(variance: float) -> Variability:
    """Spread between people from a printed omega squared."""
    return Variability.from_variance(variance)


def within(variance: float) -> Variability:
    """Spread between occasions from a printed nu squared."""
    return Variability.from_variance(variance, "occasion")


class Simons2022(Model):
    """S-ketamine film by two paths, S-norketamine and S-hydroxynorketamine behind delay chains."""

    name = "simons_2022"
    title = "S-ketamine oral thin film and IV, with S-HNK (Simons 2022)"
    source = "simons_2022"
    drug = "esketamine"
    routes = ("sublingual", "buccal", "intravenous")
    forms = {"sublingual": "film", "buccal": "film"}
    analytes = ("esketamine", "esnorketamine", "eshydroxynorketamine")
    sampling = "arterial"
    matrix = "plasma"
    doses_as = "base"
    status = "population model"
    amounts = "umol"
    people = People(
        "20 healthy adults (10 women), mean age 24 years, mean weight 73 kg",
        n=20,
        age=(19, 32),
        weight=(53, 93),
    )
    covariates = ("weight",)

    parameters = (
        P("F1", 0.263, "1", "fraction of the film absorbed through the mouth's lining", TABLE_4,
          (within(0.060),), se=0.012),
        P("D1", 13.1, "min", "zero-order release to the lining", TABLE_4, (within(0.154),), se=1.0),
        P("KA1", 0.04, "1/min", "absorption through the lining", TABLE_4, (within(0.062),),
          se=0.002),
        P("F2", 1.16, "1", "share of the full film dose that is swallowed and metabolised",
          TABLE_4, (within(0.057),), se=0.06,
          note="not a bioavailability: above 1 because it also takes up the scale of the "
          "metabolites, whose formed fractions are fixed"),
        P("D2", 29.9, "min", "zero-order release to the gut", TABLE_4, (within(0.611),), se=3.5),
        P("KA2", 0.049, "1/min", "absorption from the gut", TABLE_4, (within(0.376),), se=0.007),
        P("MTT_gut", 10.7, "min", "mean transit time from gut to liver", TABLE_4,
          (within(0.937),), se=1.7),
        P("VK1", 11.6, "L", "central volume of S-ketamine, and of S-norketamine, at 70 kg",
          TABLE_4, (between(0.057),), se=0.9),
        P("VK2", 39.0, "L", "first peripheral volume of S-ketamine at 70 kg", TABLE_4, se=2.9),
        P("VK3", 174.0, "L", "second peripheral volume of S-ketamine at 70 kg", TABLE_4, se=11.0),
        P("CLK1", 1.48, "L/min", "clearance of S-ketamine into metabolism at 70 kg", TABLE_4,
          (between(0.029),), se=0.06),
        P("CLK2", 2.43, "L/min", "exchange with the first peripheral volume at 70 kg", TABLE_4,
          se=0.24),
        P("CLK3", 1.21, "L/min", "exchange with the second peripheral volume at 70 kg", TABLE_4,
          (between(0.026),), se=0.08),
        P("MTT_NK", 20.1, "min", "mean transit time from S-ketamine to S-norketamine", TABLE_4,
          (between(0.021), within(0.751)), se=1.0,
          note="the variance between occasions is printed on the row of the additive error of "
          "S-norketamine and is read as belonging here"),
        P("fm_NK", 0.8, "1", "share of metabolised S-ketamine that becomes S-norketamine (fixed)",
          METHODS),
        P("VN2", 221.0, "L", "peripheral volume of S-norketamine at 70 kg", TABLE_4, se=13.0),
        P("CLN1", 1.00, "L/min", "clearance of S-norketamine into metabolism at 70 kg", TABLE_4,
          (between(0.050),), se=0.04),
        P("CLN2", 2.63, "L/min", "exchange of S-norketamine at 70 kg", TABLE_4, se=0.15),
        P("MTT_HNK", 1.12, "min", "mean transit time from S-norketamine to S-HNK", TABLE_4,
          se=0.51),
        P("fm_HNK", 0.7, "1", "share of metabolised S-norketamine that becomes S-HNK (fixed)",
          METHODS),
        P("VH1", 4.4, "L", "central volume of S-HNK at 70 kg", TABLE_4, (between(1.22),), se=2.0),
        P("VH2", 87.5, "L", "peripheral volume of S-HNK at 70 kg", TABLE_4, (within(0.152),),
          se=6.5),
        P("CLH1", 0.933, "L/min", "clearance of S-HNK at 70 kg", TABLE_4,
          (between(0.103), within(0.008)), se=0.068),
        P("CLH2", 1.70, "L/min", "exchange of S-HNK at 70 kg", TABLE_4, (between(0.287),),
          se=0.25),
        P("weight_on_V", 1.0, "1", "exponent of weight/70 kg on volumes", NOT_PRINTED,
          status="assumed", note="the usual allometric exponent"),
        P("weight_on_CL", 0.75, "1", "exponent of weight/70 kg on clearances", NOT_PRINTED,
          status="assumed", note="the usual allometric exponent"),
    )  # fmt: skip
    compartments = {
        "film": "film at the mouth's lining",
        "gut": "gut, swallowed part",
        "portal": "delay from gut to liver",
        "esketamine": "central S-ketamine",
        "shallow": "first peripheral S-ketamine",
        "deep": "second peripheral S-ketamine",
        "to_esnorketamine_1": "metabolism of S-ketamine, first step",
        "to_esnorketamine_2": "metabolism of S-ketamine, second step",
        "esnorketamine": "central S-norketamine",
        "esnorketamine_deep": "peripheral S-norketamine",
        "to_hnk_1": "metabolism of S-norketamine, first step",
        "to_hnk_2": "metabolism of S-norketamine, second step",
        "eshydroxynorketamine": "central S-HNK",
        "eshydroxynorketamine_deep": "peripheral S-HNK",
    }
    readings = (
        "The equations are not printed. F2 is applied to the full film dose, and a chain's mean "
        "transit time is the delay of its two steps together (each drains at 2/MTT). The "
        "transcription in nlmixr2lib settled both against the paper's Table 2.",
        "The variance between occasions of MTT_NK (0.751) stands on another row of Table 4, that "
        "of the additive error of S-norketamine; that it belongs here is the transcription's "
        "reading, and it widens the spread of the metabolites.",
        "The swallowed part goes straight into metabolism and never counts as S-ketamine in "
        "plasma, as in Figure 2.",
        "The exponents of weight are not printed; 0.75 and 1 are assumed.",
        "An occasion is a dosing session.",
    )
    leaves_out = (
        "Measurement and model error: the bands hold the spread of true concentrations between "
        "people; single measured levels scatter more (proportional SD about 11 % for "
        "S-ketamine, 10 % for S-norketamine, 8 % for S-HNK, and a little more).",
        "Age, race, sex, liver disease and interacting medicines.",
        "The lower film bioavailability seen at 100 mg (23 against 29 %), which the authors did "
        "not keep: the model is proportional to dose.",
        "Held in the mouth without swallowing for 10 minutes; other ways of use were not studied.",
    )
    not_for = (
        "Sublingual drops, tablets, wafers or lozenges of another make-up.",
        "Children, the elderly and people with liver disease: the 20 volunteers were 19 to 32.",
        "Venous concentrations soon after a dose: samples were arterial.",
    )
    defects = (
        "Against the paper's own Table 2 a typical person of the mean weight, 73 kg, comes out up "
        "to 14 % low after a 50 mg film and up to 15 % high after 100 mg (S-ketamine Cmax 83 "
        "against 96 and 166 against 144 ng/mL): the measured means rise less than in proportion "
        "to dose, the model cannot.",
        "The metabolites of virtual people peak later and lower than the measured means: at 50 mg, "
        "over 4,000 people of 73 kg at the study's sampling times, S-norketamine Cmax averages "
        "about 205 against 276 ng/mL and Tmax 86 against 61 min, and S-HNK Tmax 130 against 81. "
        "The variance read as belonging to MTT_NK is part of the cause.",
        "The S-HNK to S-ketamine ratio after IV doses is well below what Hasan 2021 measured "
        "(1.7): the two groups disagree, and both are kept.",
    )

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight scales every volume and clearance."""
        size = who.weight / 70.0
        volume, clearance = size**p.weight_on_V, size**p.weight_on_CL
        return p.replace(
            **{name: p[name] * volume for name in ("VK1", "VK2", "VK3", "VN2", "VH1", "VH2")},
            **{
                name: p[name] * clearance
                for name in ("CLK1", "CLK2", "CLK3", "CLN1", "CLN2", "CLH1", "CLH2")
            },
        )

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        step_nk, step_hnk = 2.0 / p.MTT_NK, 2.0 / p.MTT_HNK
        return {
            ("film", "esketamine"): p.KA1,
            ("gut", "portal"): p.KA2,
            ("portal", "to_esnorketamine_1"): 1.0 / p.MTT_gut,
            ("esketamine", "shallow"): p.CLK2 / p.VK1,
            ("shallow", "esketamine"): p.CLK2 / p.VK2,
            ("esketamine", "deep"): p.CLK3 / p.VK1,
            ("deep", "esketamine"): p.CLK3 / p.VK3,
            ("esketamine", "to_esnorketamine_1"): p.CLK1 / p.VK1,
            ("to_esnorketamine_1", "to_esnorketamine_2"): step_nk,
            ("to_esnorketamine_2", "esnorketamine"): p.fm_NK * step_nk,
            ("to_esnorketamine_2", OUT): (1.0 - p.fm_NK) * step_nk,
            ("esnorketamine", "esnorketamine_deep"): p.CLN2 / p.VK1,
            ("esnorketamine_deep", "esnorketamine"): p.CLN2 / p.VN2,
            ("esnorketamine", "to_hnk_1"): p.CLN1 / p.VK1,
            ("to_hnk_1", "to_hnk_2"): step_hnk,
            ("to_hnk_2", "eshydroxynorketamine"): p.fm_HNK * step_hnk,
            ("to_hnk_2", OUT): (1.0 - p.fm_HNK) * step_hnk,
            ("eshydroxynorketamine", "eshydroxynorketamine_deep"): p.CLH2 / p.VH1,
            ("eshydroxynorketamine_deep", "eshydroxynorketamine"): p.CLH2 / p.VH2,
            ("eshydroxynorketamine", OUT): p.CLH1 / p.VH1,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """A film is absorbed through the lining and, on a path of its own, swallowed."""
        if dose.route == "intravenous":
            return (Into("esketamine"),)
        return (
            Into("film", fraction=p.F1, duration=p.D1),
            Into("gut", fraction=p.F2, duration=p.D2),
        )

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Arterial plasma."""
        return {
            "esketamine": Concentration("esketamine", p.VK1),
            "esnorketamine": Concentration("esnorketamine", p.VK1),
            "eshydroxynorketamine": Concentration("eshydroxynorketamine", p.VH1),
        }


model = Simons2022()
