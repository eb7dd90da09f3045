"""S-ketamine beside ticlopidine, which takes CYP2B6 out of action: Ashraf et al. 2018, the whole.

Ashraf MW, Peltoniemi MA, Olkkola KT, et al. Semimechanistic population pharmacokinetic model to
predict the drug-drug interaction between S-ketamine and ticlopidine in healthy human volunteers.
CPT Pharmacometrics Syst Pharmacol 2018;7:687-697, doi:10.1002/psp4.12346. 41 healthy adults.

How the numbers were read. The paper itself was not: they come from nlmixr2lib
(github.com/nlmixr2/nlmixr2lib, Ashraf_2018_s_ketamine_ticlopidine), which cites table and line of
the deposited control stream for each. Its article says where the two differ:

- kdeg is 0.017 1/h in the control stream, which is used here, and 0.00026 1/min (0.0156 1/h) in
  Table 1.
- KI and ki were measured in umol/L, while the ticlopidine in the portal vein is compared with them
  in mg/L. The control stream does so, and so does this file; with the molar mass put in,
  ticlopidine would inhibit more, and CYP2B6 would recover some hours later.
- The published model keeps no pool of enzyme: what is left of CYP2B6 is its balance between
  degradation and inactivation at the ticlopidine of the moment. So recovery follows the ticlopidine
  that leaves the body.

Ticlopidine in the portal vein is what flows there plus, while it is being taken, the part that its
absorption adds (ka times dose over hepatic blood flow). The data set says by TIC (mg) which dose is
being taken: 250 up to the last dose and 0 after it. WT is body weight in kg. Doses: S-ketamine by
mouth CMT 1, into a vein CMT 2; ticlopidine CMT 7. Amounts are in mg.

    ketascope simulate --model ashraf_2018_ticlopidine.py --data events.csv --typical -o out.csv
"""

from __future__ import annotations

from collections.abc import Mapping

from ketascope.models.user import (
    Array,
    Concentration,
    Covariates,
    Direct,
    Individual,
    UserOdeModel,
    Variability,
    parameter,
)

omega2 = Variability.from_variance


class Ashraf2018Ticlopidine(UserOdeModel):
    """S-ketamine, norketamine and ticlopidine, with inhibition of CYP2B6 (Ashraf 2018)."""

    parameters = (
        parameter("ka", 1.76, "1/h", "absorption of S-ketamine", omega2(0.42)),
        parameter("Vc", 14.4, "L", "central volume of S-ketamine"),
        parameter("Q1", 287, "L/h", "exchange of S-ketamine"),
        parameter("Vp1", 102, "L", "shallow volume of S-ketamine", omega2(0.045)),
        parameter("Q2", 22.4, "L/h", "exchange of S-ketamine"),
        parameter("Vp2", 180, "L", "deep volume of S-ketamine"),
        parameter("CLint_H", 301, "L/h", "intrinsic clearance in the liver", omega2(0.25)),
        parameter("CLint_gut", 1.19, "L/h", "intrinsic clearance in the gut wall", omega2(2.1)),
        parameter("CLperm", 4.1, "L/h", "permeability of the gut wall"),
        parameter("Vc_NK", 88.4, "L", "central volume of norketamine"),
        parameter("Q1_NK", 19.9, "L/h", "exchange of norketamine"),
        parameter("Vp1_NK", 88.9, "L", "peripheral volume of norketamine"),
        parameter("CLint_H_NK", 73.5, "L/h", "intrinsic clearance, norketamine", omega2(0.10)),
        parameter("CLint_gut_NK", 44.4, "L/h", "the same in the gut wall"),
        parameter("ka_T", 3.3, "1/h", "absorption of ticlopidine, and each of its transits"),
        parameter("Vc_T", 50.3, "L", "central volume of ticlopidine"),
        parameter("Q1_T", 26.3, "L/h", "exchange of ticlopidine"),
        parameter("Vp1_T", 191, "L", "peripheral volume of ticlopidine"),
        parameter("CLint_H_T", 1505, "L/h", "intrinsic clearance, ticlopidine", omega2(0.12)),
        parameter("fub", 0.70 / 0.50, "1", "S-ketamine: unbound in plasma over blood to plasma"),
        parameter("fub_NK", 0.50, "1", "norketamine: the same"),
        parameter("fub_T", 0.02, "1", "ticlopidine: the same"),
        parameter("QH", 3.75, "L/h", "hepatic blood flow at 1 kg; times weight^0.75"),
        parameter("ki", 0.031, "1", "ticlopidine at half reversible inhibition"),
        parameter("KI", 0.57, "1", "ticlopidine at half the fastest inactivation"),
        parameter("kinact", 18, "1/h", "fastest inactivation of CYP2B6"),
        parameter("kdeg", 0.017, "1/h", "degradation of CYP2B6"),
        parameter("fm", 0.63, "1", "share of CYP2B6 in the hepatic metabolism of S-ketamine"),
        parameter("TIC", 0, "mg", "dose of ticlopidine that is being taken, from the data set"),
    )
    compartments: Mapping[str, str] = {
        "gut": "S-ketamine in the gut, mg",
        "central": "S-ketamine, mg",
        "shallow": "S-ketamine, shallow, mg",
        "deep": "S-ketamine, deep, mg",
        "nk": "norketamine, mg of S-ketamine",
        "nk_deep": "norketamine, peripheral",
        "tic_gut": "ticlopidine in the gut, mg",
        "tic_1": "on its way, first transit",
        "tic_2": "second transit",
        "tic_3": "third transit",
        "tic_4": "fourth transit",
        "tic_wall": "ticlopidine in the gut wall (1 L)",
        "tic_portal": "ticlopidine in the portal vein (1 L)",
        "tic_liver": "ticlopidine in the liver (1 L)",
        "tic": "ticlopidine, mg",
        "tic_deep": "ticlopidine, peripheral, mg",
    }
    covariates = ("WT", "TIC")
    reference: Mapping[str, float | str] = {"WT": 70, "TIC": 250}

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Weight sets the blood flow; the dose that is being taken comes from the data set."""
        return p.replace(QH=p.QH * who.WT**0.75, TIC=who.TIC)

    def derivatives(self, t: Array, x: Individual, p: Individual) -> Mapping[str, Array]:
        """Rates of change, mg/h."""
        villi = 0.60 * 0.80 * 0.40 * p.QH
        q_gut = villi * p.CLperm / (villi + p.CLperm)
        f_gut, f_gut_nk = q_gut / (q_gut + p.CLint_gut), villi / (villi + p.CLint_gut_NK)
        intrinsic = p.fub * p.CLint_H * left(x.tic_portal, p)["clearance"]
        f_liver = p.QH / (p.QH + intrinsic)
        f_liver_nk = p.QH / (p.QH + p.fub_NK * p.CLint_H_NK)
        # S-ketamine and norketamine are in balance with gut wall, portal vein and liver
        absorbed = p.ka * x.gut
        at_liver = f_gut * absorbed + p.QH / p.Vc * x.central
        nk_at_liver = (
            (1 - f_gut) * absorbed * f_gut_nk + p.QH / p.Vc_NK * x.nk + (1 - f_liver) * at_liver
        )
        shallow = p.Q1 * (x.central / p.Vc - x.shallow / p.Vp1)
        deep = p.Q2 * (x.central / p.Vc - x.deep / p.Vp2)
        nk_deep = p.Q1_NK * (x.nk / p.Vc_NK - x.nk_deep / p.Vp1_NK)
        return {
            "gut": -absorbed,
            "central": f_liver * at_liver - p.QH / p.Vc * x.central - shallow - deep,
            "shallow": shallow,
            "deep": deep,
            "nk": f_liver_nk * nk_at_liver - p.QH / p.Vc_NK * x.nk - nk_deep,
            "nk_deep": nk_deep,
            **self.ticlopidine(x, p, villi),
        }

    def ticlopidine(self, x: Individual, p: Individual, villi: Array) -> Mapping[str, Array]:
        """Ticlopidine: four transits, then gut wall, portal vein and liver as compartments."""
        portal, artery = 0.75 * p.QH, 0.25 * p.QH
        f_liver = p.QH / (p.QH + p.fub_T * p.CLint_H_T)
        plasma = x.tic / p.Vc_T
        deep = p.Q1_T * (plasma - x.tic_deep / p.Vp1_T)
        return {
            "tic_gut": -p.ka_T * x.tic_gut,
            "tic_1": p.ka_T * (x.tic_gut - x.tic_1),
            "tic_2": p.ka_T * (x.tic_1 - x.tic_2),
            "tic_3": p.ka_T * (x.tic_2 - x.tic_3),
            "tic_4": p.ka_T * (x.tic_3 - x.tic_4),
            "tic_wall": p.ka_T * x.tic_4 - villi * x.tic_wall,
            "tic_portal": villi * x.tic_wall + portal * plasma - portal * x.tic_portal,
            "tic_liver": portal * x.tic_portal + artery * plasma - p.QH * x.tic_liver,
            "tic": f_liver * p.QH * x.tic_liver - p.QH * plasma - deep,
            "tic_deep": deep,
        }

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Plasma concentrations, ng/mL."""
        return {
            "SK": Concentration("central", p.Vc),
            "NK": Concentration("nk", p.Vc_NK),
            "TICLOPIDINE": Concentration("tic", p.Vc_T),
        }

    def responses(self, p: Individual) -> Mapping[str, Direct]:
        """What is left of CYP2B6, in per cent, and the intrinsic clearance in the liver, L/h."""
        return {
            "CYP2B6": Direct(lambda s: 100 * left(s.tic_portal, p)["enzyme"]),
            "CLINT": Direct(lambda s: p.CLint_H * left(s.tic_portal, p)["clearance"]),
        }


def left(portal: Array, p: Individual) -> dict[str, Array]:
    """Return the shares of CYP2B6 and of hepatic intrinsic clearance that ticlopidine leaves.

    Parameters
    ----------
    portal : Array
        Ticlopidine in the portal vein, mg in 1 L.
    """
    unbound = p.fub_T * (portal + p.ka_T * p.TIC / p.QH)
    reversible = 1 / (1 + unbound / p.ki)
    inactivated = p.kdeg / (p.kdeg + p.kinact * unbound / (p.KI + unbound))
    enzyme = reversible * inactivated
    return {"enzyme": enzyme, "clearance": enzyme * p.fm + 1 - p.fm}
