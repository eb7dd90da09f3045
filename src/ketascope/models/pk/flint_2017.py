"""IV S-ketamine and S-norketamine in children in intensive care: Flint et al. 2017."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.models.structure import (
    OUT,
    Array,
    Concentration,
    Covariance,
    Covariates,
    Individual,
    Into,
    Model,
    People,
)

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

TABLE_3 = Place(
    "flint_2017",
    "Table 3",
    "read line by line in the transcription of nlmixr2lib, which cites the table; the abstract, "
    "read itself, has the same values rounded",
)
METHODS = Place("flint_2017", "Methods, section 2.4", "read in the transcription of nlmixr2lib")

P = Parameter
clearance_spread = Variability.from_cv(0.402)
metabolite_spread = Variability.from_cv(1.04)
CORRELATION = 0.506
PEAK = (
    "Of no use after a bolus or an infusion of minutes: samples were drawn once a day during long "
    "infusions, so the central volume is hardly known."
)
PEAK_N = (
    "Of no use after a bolus or an infusion of minutes: the volume of S-norketamine was fixed, so "
    "that it follows S-ketamine at once."
)
RISE = (
    "Over-predicted after the first hours: the paper's clearance of S-norketamine rises by 0.87 % "
    "of its first value an hour. Divide by 1 + 0.0087 t, with t in hours since the first dose."
)


class Flint2017(Model):
    """Two-compartment S-ketamine, one-compartment apparent S-norketamine, scaled by weight."""

    name = "flint_2017"
    title = "IV S-ketamine in children in intensive care (Flint 2017)"
    source = "flint_2017"
    drug = "esketamine"
    routes = ("intravenous",)
    analytes = ("esketamine", "esnorketamine")
    sampling = "not stated"
    matrix = "plasma"
    status = "population model"
    people = People(
        "25 children on a ventilator in intensive care, most with pneumonia or bronchiolitis, "
        "median age 0.42 years (19 of them under 2), median weight 7 kg, on infusions of 0.3 to "
        "3.6 mg/kg/h for days; 86 samples",
        n=25,
        age=(0.02, 12.5),
        weight=(3.4, 35),
        children=True,
        ill="critically ill children on a ventilator",
    )
    covariates = ("weight",)
    parameters = (
        P("V1", 7.73, "L", "central volume of S-ketamine at 70 kg", TABLE_3, se=0.31 * 7.73),
        P("V2", 545.0, "L", "peripheral volume of S-ketamine at 70 kg", TABLE_3, se=0.19 * 545.0),
        P("CL", 112.0, "L/h", "clearance of S-ketamine at 70 kg", TABLE_3, (clearance_spread,),
          se=0.09 * 112.0),
        P("Q", 196.0, "L/h", "exchange with the periphery at 70 kg", TABLE_3, se=0.22 * 196.0),
        P("CLn_F", 53.2, "L/h", "clearance of S-norketamine over its formed fraction, at 70 kg "
          "and at the first dose", TABLE_3, (metabolite_spread,), se=0.27 * 53.2),
        P("Vn_F", 1.0, "L", "volume of S-norketamine over its formed fraction, at 70 kg", TABLE_3,
          note="fixed by the authors: values from 0.1 to 10 L fit as well"),
        P("weight_on_V", 1.0, "1", "exponent of weight/70 kg on volumes", METHODS),
        P("weight_on_CL", 0.75, "1", "exponent of weight/70 kg on clearances", METHODS),
    )  # fmt: skip
    covariances = (
        Covariance("CL", "CLn_F", CORRELATION * clearance_spread.sd * metabolite_spread.sd),
    )
    compartments = {
        "esketamine": "central S-ketamine",
        "deep": "peripheral S-ketamine",
        "esnorketamine": "S-norketamine",
    }
    readings = (
        "The clearance of S-norketamine is that at the first dose. The paper lets it rise by "
        "0.87 % of that value an hour (SE 70 %): after 1, 2 and 4 days it is 1.21, 1.42 and 1.84 "
        "times as high, and S-norketamine so much lower than shown here. S-ketamine is not "
        "affected.",
        "The spread between children is printed as per cent; it is taken as the coefficient of "
        "variation of a log-normal parameter.",
        "S-norketamine is carried in mg of S-ketamine, with no change of molar mass.",
    )
    leaves_out = (
        "The rise of the clearance of S-norketamine with time.",
        "Measurement and model error: single measured levels scatter more (proportional SD 42 % "
        "for S-ketamine, 48 % for S-norketamine).",
        "Organ function; medicines given beside (all had lorazepam, many midazolam, propofol and "
        "morphine).",
    )
    not_for = (
        "Adults.",
        "A bolus, or an infusion of minutes: samples were drawn once a day, and 1 and 4 h after "
        "the infusion, so the central volume, 0.11 L/kg, is hardly known.",
        "Children who are not critically ill.",
        "Routes other than IV.",
        "The racemate.",
    )
    defects = (
        "After a bolus of 2 mg/kg in a child of 18 kg S-ketamine begins at 18 mg/L, and "
        "S-norketamine reaches 16 mg/L within 2 min. Children of 1 to 7 years peaked at 1.9 mg/L "
        "about 3 min after it, with 0.43 mg/L of S-norketamine after 40 min (Weber 2004).",
    )
    flags = {
        ("esketamine", "cmax"): PEAK,
        ("esnorketamine", "cmax"): PEAK_N,
        ("esnorketamine", "tmax"): PEAK_N,
        ("esnorketamine", "auc24"): RISE,
        ("esnorketamine", "last"): RISE,
    }

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight scales volumes and clearances."""
        size = who.weight / 70.0
        volume, clearance = size**p.weight_on_V, size**p.weight_on_CL
        return p.replace(
            **{name: p[name] * volume for name in ("V1", "V2", "Vn_F")},
            **{name: p[name] * clearance for name in ("CL", "Q", "CLn_F")},
        )

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h; all that is cleared becomes apparent S-norketamine."""
        return {
            ("esketamine", "deep"): p.Q / p.V1,
            ("deep", "esketamine"): p.Q / p.V2,
            ("esketamine", "esnorketamine"): p.CL / p.V1,
            ("esnorketamine", OUT): p.CLn_F / p.Vn_F,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV into the central compartment."""
        return (Into("esketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Plasma."""
        return {
            "esketamine": Concentration("esketamine", p.V1),
            "esnorketamine": Concentration("esnorketamine", p.Vn_F),
        }


model = Flint2017()
