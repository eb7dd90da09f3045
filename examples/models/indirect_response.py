"""Two compartments with a depot and an indirect response.

The drug is absorbed from a depot (compartment 1) into the central compartment (2), which exchanges
with a peripheral one (3). Its concentration inhibits the production of a response that is lost at
first order: the first of the four models of Dayneka, Garg & Jusko 1993 (J Pharmacokinet Biopharm
21:457-478, doi:10.1007/BF01061691). Every number is a round one made for this example.

    ketascope simulate --model indirect_response.py --data events.csv -o out.csv
"""

from __future__ import annotations

from collections.abc import Mapping

from ketascope.models.user import (
    OUT,
    Array,
    Concentration,
    Covariance,
    Individual,
    Residual,
    Turnover,
    UserModel,
    emax,
    indirect_response,
    parameter,
)


class IndirectResponse(UserModel):
    """Two compartments with a depot; the concentration inhibits production of a response."""

    parameters = (
        parameter("KA", 0.8, "1/h", "absorption", cv=0.40),
        parameter("CL", 4.0, "L/h", "clearance", cv=0.25),
        parameter("V2", 30.0, "L", "central volume", cv=0.20),
        parameter("Q", 6.0, "L/h", "exchange between the compartments"),
        parameter("V3", 60.0, "L", "peripheral volume"),
        parameter("KIN", 12.0, "1/h", "production of the response, units of response per h"),
        parameter("KOUT", 0.3, "1/h", "loss of the response", cv=0.15),
        parameter("IMAX", 0.9, "1", "largest fraction of production that is inhibited"),
        parameter("IC50", 200.0, "ug/L", "concentration that inhibits half of that", cv=0.50),
        parameter("SD_CP", 0.10, "1", "proportional error of the concentration"),
        parameter("SD_R", 1.5, "1", "additive error of the response"),
    )
    covariances = (Covariance("CL", "V2", 0.025),)
    compartments: Mapping[str, str] = {
        "depot": "drug in the gut, mg",
        "central": "drug in the central compartment, mg",
        "peripheral": "drug in the peripheral compartment, mg",
    }
    residuals: Mapping[str, Residual] = {
        "CP": Residual(proportional="SD_CP"),
        "R": Residual(additive="SD_R"),
    }

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        return {
            ("depot", "central"): p.KA,
            ("central", OUT): p.CL / p.V2,
            ("central", "peripheral"): p.Q / p.V2,
            ("peripheral", "central"): p.Q / p.V3,
        }

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Concentration in plasma, ug/L."""
        return {"CP": Concentration("central", p.V2)}

    def responses(self, p: Individual) -> Mapping[str, Turnover]:
        """A response whose production the drug inhibits; it begins at KIN / KOUT = 40."""
        return {
            "R": indirect_response(
                1,
                kin=p.KIN,
                kout=p.KOUT,
                effect=lambda s: emax(s.CP, maximum=p.IMAX, half=p.IC50),
            )
        }
