"""One compartment with a depot: the model behind the checks of dosing events.

Drug is absorbed from the depot (compartment 1) into the central compartment (2); doses may go into
either. How a dose enters the central compartment stands in the data set: LAGT is its lag in hours,
BIOAV its bioavailability, DUR2 its duration in hours where RATE is -2, RAT2 its rate in mg/h where
RATE is -1. Nobody differs from anybody else. In NONMEM's words: ADVAN2 TRANS2.

    ketascope simulate --model one_compartment_depot.py --data events.csv -o out.csv
"""

from collections.abc import Mapping

from ketascope.models.user import OUT, Concentration, Entry, UserModel, parameter


class OneCompartmentDepot(UserModel):
    """One compartment with first-order absorption from a depot."""

    parameters = (
        parameter("CL", 1.1, "L/h", "clearance"),
        parameter("V", 20, "L", "volume of distribution"),
        parameter("KA", 1.5, "1/h", "absorption rate constant"),
    )
    compartments: Mapping[str, str] = {
        "depot": "drug that waits to be absorbed, mg",
        "central": "drug in the body, mg",
    }
    covariates = ("LAGT", "BIOAV", "DUR2", "RAT2")

    def flows(self, p):
        """First-order rates, 1/h."""
        return {("depot", "central"): p.KA, ("central", OUT): p.CL / p.V}

    def entries(self, p, who):
        """How doses enter; those into the depot as they are, at once and whole."""
        return {
            "central": Entry(
                lag=who.LAGT, bioavailability=who.BIOAV, duration=who.DUR2, rate=who.RAT2
            )
        }

    def outputs(self, p):
        """Concentration in plasma, ug/L."""
        return {"CP": Concentration("central", p.V)}
