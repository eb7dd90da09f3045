"""IV S-ketamine and S-norketamine: Otto et al. 2021 on the S-ketamine of Fanta et al. 2015."""

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

HOW = (
    "read line by line in the transcription of nlmixr2lib, which cites the table and the "
    "supplementary NONMEM code"
)
FANTA = Place("fanta_2015", "as fixed in Table 3 of Otto 2021", f"{HOW}; CL 95 L/h read itself "
              "in the abstract of Fanta 2015")  # fmt: skip
TABLE_3 = Place("otto_2021", "Table 3 and supplementary NONMEM code", HOW)
FOOTNOTE = Place("otto_2021", "footnote of Table 3", HOW)

P = Parameter
omega2 = Variability.from_variance


class Otto2021(Model):
    """Three-compartment S-ketamine, two-compartment S-norketamine, after IV doses."""

    name = "otto_2021"
    title = "IV S-ketamine and S-norketamine (Otto 2021, Fanta 2015)"
    source = "otto_2021"
    drug = "esketamine"
    routes = ("intravenous",)
    analytes = ("esketamine", "esnorketamine")
    sampling = "venous"
    matrix = "plasma"
    status = "population model"
    people = People(
        "48 healthy adults in two studies (26 men), mean age 23 years, mean weight 68 and 71 kg; "
        "the S-ketamine parameters come from 11 healthy men (Fanta 2015)",
        n=48,
    )
    covariates = ("weight",)

    parameters = (
        P("V1", 133.0, "L", "central volume of S-ketamine at 70 kg", FANTA, (omega2(0.084177),),
          note="variability re-estimated by Otto 2021"),
        P("CL", 95.2, "L/h", "clearance of S-ketamine at 70 kg, all of it to S-norketamine",
          FANTA, (omega2(0.026048),), note="variability re-estimated by Otto 2021"),
        P("Vp1", 187.0, "L", "first peripheral volume of S-ketamine", FANTA),
        P("Q1", 23.2, "L/h", "exchange with the first peripheral volume", FANTA),
        P("Vp2", 98.8, "L", "second peripheral volume of S-ketamine", FANTA),
        P("Q2", 157.0, "L/h", "exchange with the second peripheral volume", FANTA),
        P("Vn", 98.638, "L", "central volume of S-norketamine at 70 kg", TABLE_3,
          (omega2(0.040426),)),
        P("CLn", 57.72, "L/h", "clearance of S-norketamine at 70 kg", TABLE_3,
          (omega2(0.10319),)),
        P("Vpn", 160.04, "L", "peripheral volume of S-norketamine", TABLE_3),
        P("Qn", 42.778, "L/h", "exchange of S-norketamine", TABLE_3),
        P("weight_on_V", 1.0, "1", "exponent of weight/70 kg on V1 and Vn", FOOTNOTE),
        P("weight_on_CL", 0.75, "1", "exponent of weight/70 kg on CL and CLn", FOOTNOTE),
    )  # fmt: skip
    covariances = (Covariance("V1", "CL", 0.02261), Covariance("Vn", "CLn", 0.04456))
    compartments = {
        "esketamine": "central S-ketamine",
        "shallow": "first peripheral S-ketamine",
        "deep": "second peripheral S-ketamine",
        "esnorketamine": "central S-norketamine",
        "esnorketamine_deep": "peripheral S-norketamine",
    }
    readings = (
        "S-norketamine is carried in mg of S-ketamine, with no change of molar mass, as in the "
        "authors' code; its volumes are apparent volumes on that scale.",
        "Weight changes the central volumes and the clearances only, as in the authors' code.",
    )
    leaves_out = (
        "Measurement and model error: the bands hold the spread of true concentrations between "
        "people; single measured levels scatter more (proportional SD 24 % for "
        "S-ketamine, 14 % for S-norketamine).",
        "Oral doses: the absorption part of Fanta 2015 was not found.",
        "Metabolites other than S-norketamine; age, race, liver disease, interacting medicines.",
    )
    not_for = ("Routes other than IV.", "Children.", "The racemate.")

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight scales central volumes and clearances."""
        size = who.weight / 70.0
        volume, clearance = size**p.weight_on_V, size**p.weight_on_CL
        return p.replace(
            V1=p.V1 * volume, CL=p.CL * clearance, Vn=p.Vn * volume, CLn=p.CLn * clearance
        )

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("esketamine", "shallow"): p.Q1 / p.V1,
            ("shallow", "esketamine"): p.Q1 / p.Vp1,
            ("esketamine", "deep"): p.Q2 / p.V1,
            ("deep", "esketamine"): p.Q2 / p.Vp2,
            ("esketamine", "esnorketamine"): p.CL / p.V1,
            ("esnorketamine", OUT): p.CLn / p.Vn,
            ("esnorketamine", "esnorketamine_deep"): p.Qn / p.Vn,
            ("esnorketamine_deep", "esnorketamine"): p.Qn / p.Vpn,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV into the central compartment."""
        return (Into("esketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Venous plasma."""
        return {
            "esketamine": Concentration("esketamine", p.V1),
            "esnorketamine": Concentration("esnorketamine", p.Vn),
        }


model = Otto2021()
