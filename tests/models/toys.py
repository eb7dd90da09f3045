"""People and models that have nothing but parameters."""

import numpy as np

from ketascope.evidence.parameter import Parameter, Place
from ketascope.models.individuals import Layers, draw
from ketascope.models.structure import OUT, Concentration, Covariates, Into, Model, People

HERE = Place("none", "made for a test", "made for a test")
MANY = np.arange(20_000)
PEOPLE = Layers(people=True)
NOBODY = Layers(people=False)


def who(n, **columns):
    people = {"age": 45.0, "weight": 70.0, "height": 170.0, "sex": "female", "race": "white"}
    return Covariates(**{k: np.full(n, v) if np.ndim(v) == 0 else np.asarray(v)
                         for k, v in {**people, **columns}.items()})  # fmt: skip


def toy(*parameters, **attributes):
    """A model that has nothing but parameters."""

    class Toy(Model):
        name, title, source, drug, routes = "toy", "Toy", "none", "ketamine", ("intravenous",)
        analytes, sampling, status = ("ketamine",), "not stated", "population model"
        people, compartments = People("nobody"), {"body": ""}

        def flows(self, p):
            return {("body", OUT): 1.0}

        def inputs(self, p, dose):
            return (Into("body"),)

        def outputs(self, p):
            return {"ketamine": Concentration("body", 1.0)}

    Toy.parameters = parameters
    for name, value in attributes.items():
        setattr(Toy, name, value)
    return Toy()


def parameter(name, value, *spread, unit="1", se=None):
    return Parameter(name, value, unit, name, HERE, spread, se)


def drawn(model, subjects=MANY, *, seed=1, layers=PEOPLE, **more):
    return draw(model, who(len(subjects)), subjects, seed=seed, layers=layers, **more)
