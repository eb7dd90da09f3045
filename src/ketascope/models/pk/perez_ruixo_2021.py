"""Esketamine nasal spray, with IV and oral doses: Perez-Ruixo et al. 2021."""

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
    numeric,
)

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

TABLE_3 = Place(
    "perez_ruixo_2021",
    "Table 3",
    "read line by line in the transcription of nlmixr2lib; the paper's abstract, read itself, "
    "agrees on FRn, Vss and CLn/F",
)

P = Parameter
cv = Variability.from_cv
RATE = "Table 3 heads this rate constant with the unit L/h, a misprint for 1/h"


class PerezRuixo2021(Model):
    """Three-compartment esketamine, a hepato-portal compartment, two-compartment noresketamine."""

    name = "perez_ruixo_2021"
    title = "Esketamine nasal spray, IV and oral (Perez-Ruixo 2021)"
    source = "perez_ruixo_2021"
    drug = "esketamine"
    routes = ("intranasal", "intravenous", "oral")
    forms = {"intranasal": "28 mg device", "oral": "oral solution"}
    analytes = ("esketamine", "esnorketamine")
    sampling = "venous"
    matrix = "plasma"
    doses_as = "base"
    status = "population model"
    people = People(
        "820 adults in 13 studies: 256 healthy, 564 with treatment-resistant depression; "
        "58 % women; 72 % white, 7 % black, 14 % Asian (64 % of them Japanese), 7 % other",
        n=820,
        age=(18, 86),
        weight=(39, 170),
    )
    covariates = ("age", "race")

    parameters = (
        P("FRn", 0.54, "1", "fraction of a device's dose absorbed through the nose, first device",
          TABLE_3, (Variability("logit", 0.708),)),
        P("later_device", 0.62, "1", "factor on FRn for the second and later 28 mg devices",
          TABLE_3),
        P("japanese_on_FRn", 1.34, "1", "factor on FRn in Japanese people", TABLE_3),
        P("ka_n", 2.93, "1/h", "absorption through the nose", TABLE_3, (cv(0.615),), note=RATE),
        P("Dsw", 0.53, "h", "zero-order release of the swallowed part of a nasal dose", TABLE_3),
        P("ka_sw", 1.45, "1/h", "absorption of the swallowed part", TABLE_3, (cv(1.32),),
          note=RATE),
        P("Dpo", 0.32, "h", "zero-order release of an oral dose", TABLE_3),
        P("ka_po", 0.97, "1/h", "absorption of an oral dose", TABLE_3, (cv(1.32),), note=RATE),
        P("Fgut", 0.64, "1", "fraction of a swallowed dose that reaches the liver", TABLE_3),
        P("Vc", 192.0, "L", "central volume of esketamine", TABLE_3, (cv(0.275),)),
        P("Q1", 84.3, "L/h", "exchange with the shallow compartment", TABLE_3),
        P("Vp1", 143.0, "L", "shallow peripheral volume", TABLE_3, (cv(0.493),)),
        P("Q2", 37.6, "L/h", "exchange with the deep compartment", TABLE_3),
        P("Vp2", 417.0, "L", "deep peripheral volume", TABLE_3),
        P("Qh", 151.0, "L/h", "hepatic blood flow", TABLE_3, (cv(0.232),)),
        P("age_on_Qh", -2.19, "L/h/year", "change of Qh with each year above 60", TABLE_3),
        P("Vh", 101.0, "L", "hepato-portal volume", TABLE_3, (cv(0.346),)),
        P("kel", 1.11, "1/h", "liver to metabolites other than noresketamine", TABLE_3,
          (cv(1.2),), note=RATE),
        P("asian_on_kel", 0.36, "1", "factor on kel in Asian people, Japanese included", TABLE_3),
        P("kmet", 2.77, "1/h", "liver to noresketamine", TABLE_3,
          note=f"{RATE}; section 2.4 names a variability between people, Table 3 leaves it blank, "
          "so none is used"),
        P("Vcn_F", 70.0, "L", "apparent central volume of noresketamine", TABLE_3, (cv(0.316),)),
        P("CLn_F", 38.0, "L/h", "apparent clearance of noresketamine", TABLE_3, (cv(0.254),)),
        P("asian_on_CLn", 0.81, "1", "factor on CLn/F in Asian people, Japanese included",
          TABLE_3),
        P("Vpn_F", 115.0, "L", "apparent peripheral volume of noresketamine", TABLE_3),
        P("Q3_F", 26.1, "L/h", "apparent exchange of noresketamine", TABLE_3),
    )  # fmt: skip
    compartments = {
        "nose": "nasal cavity",
        "swallowed": "gut, swallowed part of a nasal dose",
        "oral": "gut, oral dose",
        "esketamine": "central esketamine",
        "shallow": "shallow peripheral esketamine",
        "deep": "deep peripheral esketamine",
        "liver": "hepato-portal esketamine",
        "esnorketamine": "central noresketamine",
        "esnorketamine_deep": "peripheral noresketamine",
    }
    readings = (
        "The equations printed for the two nasal depots in section 2.3 do not balance; the "
        "scheme of Figure 1 and the printed formula for the nasal bioavailability are followed.",
        "FRn falls from the second device of a session on, so every device is dosed on its own, "
        "5 minutes after the one before.",
        "FRn times the factor for Japanese people is held at 1: a fraction cannot exceed it.",
        "Hepatic blood flow falls linearly above 60 years before its variability is applied, and "
        "is held above one tenth of its typical value.",
    )
    leaves_out = (
        "Measurement and model error: the bands hold the spread of true concentrations between "
        "people; single measured levels scatter more (residual SD 0.28 and 0.42 on the logarithm, "
        "for esketamine and noresketamine).",
        "Other metabolites, protein binding and unbound concentrations.",
        "Weight, sex, liver enzymes, renal function and disease: tried by the authors and not "
        "kept, so the model gives one exposure for a dose in mg at any weight.",
        "Interacting medicines and liver disease.",
    )
    not_for = (
        "Children and adolescents.",
        "Moderate or severe liver impairment.",
        "Nasal solutions other than the 28 mg device.",
    )
    defects = (
        "Noresketamine AUC0-24 after a nasal dose comes out 37 to 56 % above the paper's own Table "
        "4 while its Cmax agrees within 1 %, so its later concentrations must be too high as well. "
        "The parameters are as printed and are not tuned; do not use the model for noresketamine "
        "exposure over a day.",
        "The variability of kmet between people is not printed; none is used. kmet is 71 % of the "
        "elimination of esketamine, so the spread of both analytes is too narrow by an unknown "
        "amount.",
        "Derived from the printed parameters, clearance is 109 L/h and the bioavailability of a "
        "swallowed dose 0.178; the paper's abstract says 114 and 0.186, the US label 89 L/h, and "
        "for 84 mg nasal 0.48 against 0.51. Fanta 2015 measured an oral bioavailability of 0.08 in "
        "11 men.",
    )

    flags = {
        ("esnorketamine", "auc24"): "Over-predicted: 37 to 56 % above the paper's own table after "
        "nasal doses; other routes have no table to compare with. Do not use it.",
    }

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Age lowers hepatic blood flow above 60; Asian and Japanese ancestry change rates."""
        typical = self.parameter("Qh").value
        above_60 = numeric(who.age).maximum(who.age - 60.0, 0.0)
        flow = numeric(p.Qh).maximum(typical + p.age_on_Qh * above_60, 0.1 * typical)
        asian = who.of_race("asian", "japanese")
        japanese = who.of_race("japanese")
        return p.replace(
            Qh=p.Qh * flow / typical,
            FRn=p.FRn * p.japanese_on_FRn**japanese,
            kel=p.kel * p.asian_on_kel**asian,
            CLn_F=p.CLn_F * p.asian_on_CLn**asian,
        )

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("nose", "esketamine"): p.ka_n,
            ("swallowed", "liver"): p.ka_sw,
            ("oral", "liver"): p.ka_po,
            ("esketamine", "shallow"): p.Q1 / p.Vc,
            ("shallow", "esketamine"): p.Q1 / p.Vp1,
            ("esketamine", "deep"): p.Q2 / p.Vc,
            ("deep", "esketamine"): p.Q2 / p.Vp2,
            ("esketamine", "liver"): p.Qh / p.Vc,
            ("liver", "esketamine"): p.Qh / p.Vh,
            ("liver", OUT): p.kel,
            ("liver", "esnorketamine"): p.kmet,
            ("esnorketamine", OUT): p.CLn_F / p.Vcn_F,
            ("esnorketamine", "esnorketamine_deep"): p.Q3_F / p.Vcn_F,
            ("esnorketamine_deep", "esnorketamine"): p.Q3_F / p.Vpn_F,
        }

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """A nasal device is absorbed through the nose and, the rest, swallowed."""
        if dose.route == "intranasal":
            later = p.later_device if dose.device > 0 else 1.0
            nasal = numeric(p.FRn).minimum(p.FRn * later, 1.0)
            return (
                Into("nose", fraction=nasal),
                Into("swallowed", fraction=(1.0 - nasal) * p.Fgut, duration=p.Dsw),
            )
        if dose.route == "oral":
            return (Into("oral", fraction=p.Fgut, duration=p.Dpo),)
        return (Into("esketamine"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Venous plasma."""
        return {
            "esketamine": Concentration("esketamine", p.Vc),
            "esnorketamine": Concentration("esnorketamine", p.Vcn_F),
        }


model = PerezRuixo2021()
