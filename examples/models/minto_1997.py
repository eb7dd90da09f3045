"""Remifentanil in adults and its effect on the EEG: Minto et al. 1997, the model with covariates.

Minto CF, Schnider TW, Egan TD, et al. Influence of age and gender on the pharmacokinetics and
pharmacodynamics of remifentanil. I. Model development. Anesthesiology 1997;86:10-23,
doi:10.1097/00000542-199701000-00004. 65 healthy adults of 20 to 85 years, arterial blood.

How the numbers were read. The paper's abstract was read itself; its tables were not, so the numbers
come from programs that transcribe them:

- Volumes and clearances with their covariates: R package tci (github.com/jarretrt/tci, pkmod_minto)
  and opentiva (github.com/opentiva/opentiva, remifentanil); the same numbers stand in a comment of
  stanpumpR (github.com/StevenLShafer/stanpumpR), by one of the paper's authors. The abstract
  agrees: central volume and clearance fall by about 25 % and 33 % from 20 to 85 years (here 24 %
  and 36 % at a lean body mass of 55 kg). Some programs give the age effect on clearance the wrong
  sign.
- ke0: tci, opentiva and the Python Anesthesia Simulator
  (github.com/BobAubouin/Python_Anesthesia_Simulator).
- E0, Emax, EC50 and gamma: tci alone. The abstract prints those of the model without covariates
  (E0 20 Hz, Emax 5.62 Hz, EC50 11.2 ng/mL, gamma 2.51, ke0 0.516 1/min), which lie near them, and
  says that EC50 and ke0 fall by about half from 20 to 85 years (here 60 % and 62 %).
- Emax is read as the spectral edge at full effect, not as its fall, because Eleveld et al. 2017
  (doi:10.1097/ALN.0000000000001634) is transcribed so for the same data, with 19.9 and 5.66 Hz; the
  same package takes Minto's Emax as the fall.
- Spread between people: the coefficients of variation of volumes and clearances in tci and in the
  Python Anesthesia Simulator; their squares are the variances, as tci has it. The two disagree on
  ke0 (60 and 68 %), so no spread of the effect is used here.

Amounts are in mg: 50 ug of remifentanil is AMT 0.05. The data set gives AGE (years) and LBM, lean
body mass in kg; :func:`lean_body_mass` works it out.

    ketascope simulate --model minto_1997.py --data events.csv -o out.csv
"""

from __future__ import annotations

from collections.abc import Mapping

from ketascope.models.user import (
    OUT,
    Array,
    Concentration,
    Covariates,
    Direct,
    Individual,
    UserModel,
    Variability,
    emax,
    internal,
    parameter,
    where,
)


def spread(percent: float) -> Variability:
    """Log-normal spread between people; the square of the printed CV is the variance."""
    return Variability.from_variance((percent / 100) ** 2)


class Minto1997(UserModel):
    """Remifentanil, three compartments and an effect site (Minto 1997)."""

    parameters = (
        parameter("V1", 5.1, "L", "central volume at 40 years and 55 kg", spread(26)),
        parameter("V1_age", -0.0201, "L/year", "change of V1 with age"),
        parameter("V1_lbm", 0.072, "L/kg", "change of V1 with lean body mass"),
        parameter("V2", 9.82, "L", "shallow volume", spread(29)),
        parameter("V2_age", -0.0811, "L/year", "change of V2 with age"),
        parameter("V2_lbm", 0.108, "L/kg", "change of V2 with lean body mass"),
        parameter("V3", 5.42, "L", "deep volume", spread(66)),
        parameter("CL", 2.6, "L/min", "clearance", spread(14)),
        parameter("CL_age", -0.0162, "L/min/year", "change of CL with age"),
        parameter("CL_lbm", 0.0191, "L/min/kg", "change of CL with lean body mass"),
        parameter("Q2", 2.05, "L/min", "exchange with the shallow volume", spread(36)),
        parameter("Q2_age", -0.0301, "L/min/year", "change of Q2 with age"),
        parameter("Q3", 0.076, "L/min", "exchange with the deep volume", spread(41)),
        parameter("Q3_age", -0.00113, "L/min/year", "change of Q3 with age"),
        parameter("ke0", 0.595, "1/min", "rate at which the effect site follows the blood"),
        parameter("ke0_age", -0.007, "1/min/year", "change of ke0 with age"),
        parameter("E0", 20.0, "1", "spectral edge without drug, Hz"),
        parameter("Emax", 5.5, "1", "spectral edge at full effect, Hz"),
        parameter("EC50", 13.1, "ug/L", "effect-site concentration at half effect"),
        parameter("EC50_age", -0.148, "ug/L/year", "change of EC50 with age"),
        parameter("gamma", 2.44, "1", "steepness"),
    )
    compartments: Mapping[str, str] = {
        "central": "remifentanil in blood, mg",
        "shallow": "remifentanil in the shallow compartment, mg",
        "deep": "remifentanil in the deep compartment, mg",
        "site": "effect-site concentration, ug/L",
    }
    covariates = ("AGE", "LBM")
    reference: Mapping[str, float | str] = {"AGE": 40, "LBM": 55}

    def individual(self, p: Individual, who: Covariates) -> Individual:
        """Covariates change the typical value; the spread between people multiplies it."""
        slopes = {
            "V1": p.V1_age * (who.AGE - 40) + p.V1_lbm * (who.LBM - 55),
            "V2": p.V2_age * (who.AGE - 40) + p.V2_lbm * (who.LBM - 55),
            "CL": p.CL_age * (who.AGE - 40) + p.CL_lbm * (who.LBM - 55),
            "Q2": p.Q2_age * (who.AGE - 40),
            "Q3": p.Q3_age * (who.AGE - 40),
            "ke0": p.ke0_age * (who.AGE - 40),
            "EC50": p.EC50_age * (who.AGE - 40),
        }
        typical = {name: internal(self.parameter(name)) for name in slopes}
        return p.replace(
            **{name: p[name] * (1 + slope / typical[name]) for name, slope in slopes.items()}
        )

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("central", OUT): p.CL / p.V1,
            ("central", "shallow"): p.Q2 / p.V1,
            ("shallow", "central"): p.Q2 / p.V2,
            ("central", "deep"): p.Q3 / p.V1,
            ("deep", "central"): p.Q3 / p.V3,
            ("site", OUT): p.ke0,
        }

    def drives(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """The effect site follows the blood, 1000 * central / V1 in ug/L, and takes nothing."""
        return {("central", "site"): 1000 * p.ke0 / p.V1}

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Concentration in arterial blood, ug/L."""
        return {"CP": Concentration("central", p.V1)}

    def responses(self, p: Individual) -> Mapping[str, Direct]:
        """Spectral edge of the EEG, Hz."""
        fall = p.E0 - p.Emax
        return {
            "SEF": Direct(lambda s: p.E0 - emax(s.site, maximum=fall, half=p.EC50, hill=p.gamma))
        }


def lean_body_mass(weight: Array, height: Array, male: Array) -> Array:
    """Return lean body mass in kg by the formula of James, as tci has it.

    Parameters
    ----------
    weight, height : Array
        kg and cm.
    male : Array
        Whether the person is a man.
    """
    ratio = (weight / height) ** 2
    return where(male, 1.1 * weight - 128 * ratio, 1.07 * weight - 148 * ratio)
