"""S-ketamine by mouth or vein, with first pass through gut wall and liver: Ashraf et al. 2018."""

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
    "read line by line in the transcription of nlmixr2lib, which cites the table and the deposited "
    "control stream; the paper itself was not read"
)
TABLE_1 = Place("ashraf_2018", "Table 1", HOW)
TABLE_2 = Place("ashraf_2018", "Table 2", HOW)
STREAM = Place("ashraf_2018", "supplement S3, final control stream", HOW)

P = Parameter
omega2 = Variability.from_variance


def se(value: float, percent: float) -> float:
    """Standard error from a printed relative standard error in per cent."""
    return value * percent / 100.0


class Ashraf2018(Model):
    """Three-compartment S-ketamine and two-compartment norketamine, well-stirred gut and liver."""

    name = "ashraf_2018"
    title = "Oral and IV S-ketamine with gut wall and liver (Ashraf 2018)"
    source = "ashraf_2018"
    drug = "esketamine"
    routes = ("oral", "intravenous")
    forms = {"oral": "oral solution"}
    analytes = ("esketamine", "esnorketamine")
    sampling = "not stated"
    matrix = "plasma"
    status = "population model"
    people = People(
        "41 healthy non-smoking volunteers (20 women) in five crossover studies in Turku, Finland: "
        "67 profiles without and 11 with ticlopidine, nearly all after 0.2 to 0.3 mg/kg of syrup, "
        "some after 0.1 mg/kg IV over 2 min",
        n=41,
        age=(19, 35),
        weight=(50, 88),
    )
    covariates = ("weight",)

    parameters = (
        P("ka", 1.76, "1/h", "absorption of an oral dose", TABLE_2, (omega2(0.42),),
          se=se(1.76, 16.1)),
        P("Vc", 14.4, "L", "central volume of S-ketamine", TABLE_2, se=se(14.4, 43.1)),
        P("Q1", 287.0, "L/h", "exchange with the first peripheral volume", TABLE_2,
          se=se(287, 11.3)),
        P("Vp1", 102.0, "L", "first peripheral volume of S-ketamine", TABLE_2, (omega2(0.045),),
          se=se(102, 8.0)),
        P("Q2", 22.4, "L/h", "exchange with the second peripheral volume", TABLE_2,
          se=se(22.4, 6.0)),
        P("Vp2", 180.0, "L", "second peripheral volume of S-ketamine", TABLE_2, se=se(180, 3.8)),
        P("CLint_H", 301.0, "L/h", "intrinsic clearance of S-ketamine in the liver, unbound",
          TABLE_2, (omega2(0.25),), se=se(301, 14.2)),
        P("CLint_gut", 1.19, "L/h", "intrinsic clearance of S-ketamine in the gut wall", TABLE_2,
          (omega2(2.1),), se=se(1.19, 39.5)),
        P("CLperm", 4.1, "L/h", "permeability of the gut wall to S-ketamine (fixed)", STREAM,
          note="from a permeability measured in vitro"),
        P("Vc_NK", 88.4, "L", "apparent central volume of norketamine", TABLE_2,
          se=se(88.4, 4.8)),
        P("Q1_NK", 19.9, "L/h", "apparent exchange of norketamine", TABLE_2, se=se(19.9, 12.3)),
        P("Vp1_NK", 88.9, "L", "apparent peripheral volume of norketamine", TABLE_2,
          se=se(88.9, 5.6)),
        P("CLint_H_NK", 73.5, "L/h", "apparent intrinsic clearance of norketamine in the liver",
          TABLE_2, (omega2(0.10),), se=se(73.5, 7.8)),
        P("CLint_gut_NK", 44.4, "L/h",
          "apparent intrinsic clearance of norketamine in the gut wall", TABLE_2,
          se=se(44.4, 35.8)),
        P("fu", 0.70, "1", "fraction of S-ketamine unbound in plasma (fixed)", TABLE_1),
        P("fu_NK", 0.50, "1", "fraction of norketamine unbound in plasma (fixed)", TABLE_1),
        P("blood_plasma", 0.50, "1", "S-ketamine in blood over that in plasma (fixed)", TABLE_1),
        P("blood_plasma_NK", 1.0, "1", "norketamine in blood over that in plasma (fixed)",
          TABLE_1),
        P("QH", 3.75, "L/h", "hepatic blood flow at 1 kg of body weight (fixed)", TABLE_1,
          note="printed as QH = 3.75 times weight^0.75"),
        P("weight_on_QH", 0.75, "1", "exponent of weight/1 kg on hepatic blood flow (fixed)",
          TABLE_1),
        P("f_gut_flow", 0.40, "1", "share of QH that goes to the intestine (fixed)", TABLE_1),
        P("f_mucosa", 0.80, "1", "share of intestinal flow that goes to the mucosa (fixed)",
          TABLE_1),
        P("f_villi", 0.60, "1", "share of mucosal flow that goes to the villi (fixed)", TABLE_1),
    )  # fmt: skip
    compartments = {
        "gut": "gut, oral dose",
        "esketamine": "central S-ketamine",
        "shallow": "first peripheral S-ketamine",
        "deep": "second peripheral S-ketamine",
        "esnorketamine": "central norketamine",
        "esnorketamine_deep": "peripheral norketamine",
    }
    readings = (
        "Gut wall, portal vein and liver are taken to be in balance with what flows through them, "
        "as in the authors' code, so they show as fractions of the flows and not as compartments.",
        "All S-ketamine that is extracted becomes norketamine and is carried in mg of S-ketamine, "
        "with no change of molar mass, as in the authors' code; its volumes and clearances are "
        "apparent ones on that scale. As only S-ketamine was given, it is S-norketamine.",
        "Weight changes blood flows only, not volumes or intrinsic clearances.",
        "The dose was a syrup; any oral solution is taken to be like it.",
    )
    leaves_out = (
        "Measurement and model error: the bands hold the spread of true concentrations between "
        "people; single measured levels scatter more (proportional SD 29 % for S-ketamine, 25 % "
        "for norketamine).",
        "Spread between occasions, which the data could not support.",
        "Sex, age, ancestry, liver disease, and metabolites other than norketamine.",
        "Oral doses above 0.3 mg/kg: whether the first pass saturates is not known.",
    )
    not_for = (
        "Routes other than oral and IV.",
        "Children.",
        "The racemate.",
        "Tablets and other solid forms.",
    )
    defects = (
        "The fraction of S-ketamine unbound in blood comes out at 0.70 / 0.50 = 1.4, above the 1 "
        "that a fraction can reach, because the printed blood to plasma ratio is below the unbound "
        "fraction in plasma. Only its product with CLint_H enters the model.",
        "Oral bioavailability comes out at 0.13 for 70 kg; Fanta 2015 measured 0.08 in 11 men, and "
        "Perez-Ruixo 2021 derive 0.186.",
        "Printed relative standard errors reach 43 % (Vc) and 40 % (CLint_gut). The spread of "
        "CLint_gut between people is very wide: a variance of 2.1 on the logarithm, so that one in "
        "ten people is more than 11-fold from the middle either way.",
    )

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight scales hepatic blood flow."""
        return p.replace(QH=p.QH * who.weight**p.weight_on_QH)

    def availability(self, p: Individual) -> dict[str, Array]:
        """Return the shares that survive gut wall and liver, of S-ketamine and norketamine."""
        villi = p.QH * p.f_gut_flow * p.f_mucosa * p.f_villi
        through = villi * p.CLperm / (villi + p.CLperm)
        unbound, unbound_nk = p.fu / p.blood_plasma, p.fu_NK / p.blood_plasma_NK
        return {
            "gut": through / (through + p.CLint_gut),
            "liver": p.QH / (p.QH + unbound * p.CLint_H),
            "gut_NK": villi / (villi + p.CLint_gut_NK),
            "liver_NK": p.QH / (p.QH + unbound_nk * p.CLint_H_NK),
        }

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        a = self.availability(p)
        whole = a["gut"] * a["liver"]
        # what is extracted turns into norketamine on the spot, which has its own first pass
        formed = (1.0 - a["gut"]) * a["gut_NK"] + a["gut"] * (1.0 - a["liver"])
        as_nk = formed * a["liver_NK"]
        cleared = p.QH / p.Vc * (1.0 - a["liver"])
        return {
            ("gut", "esketamine"): p.ka * whole,
            ("gut", "esnorketamine"): p.ka * as_nk,
            ("gut", OUT): p.ka * (1.0 - whole - as_nk),
            ("esketamine", "shallow"): p.Q1 / p.Vc,
            ("shallow", "esketamine"): p.Q1 / p.Vp1,
            ("esketamine", "deep"): p.Q2 / p.Vc,
            ("deep", "esketamine"): p.Q2 / p.Vp2,
            ("esketamine", "esnorketamine"): cleared * a["liver_NK"],
            ("esketamine", OUT): cleared * (1.0 - a["liver_NK"]),
            ("esnorketamine", OUT): p.QH / p.Vc_NK * (1.0 - a["liver_NK"]),
            ("esnorketamine", "esnorketamine_deep"): p.Q1_NK / p.Vc_NK,
            ("esnorketamine_deep", "esnorketamine"): p.Q1_NK / p.Vp1_NK,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """Oral doses into the gut, IV ones into the central compartment."""
        return (Into("gut" if dose.route == "oral" else "esketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Plasma."""
        return {
            "esketamine": Concentration("esketamine", p.Vc),
            "esnorketamine": Concentration("esnorketamine", p.Vc_NK),
        }


model = Ashraf2018()
