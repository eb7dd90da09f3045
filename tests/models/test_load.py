"""A user's model from a file: how it is found, and the sentence for whatever is wrong with it."""

import numpy as np
import pytest

from ketascope.errors import InputError
from ketascope.models.load import is_file, load_model, split
from ketascope.models.structure import Individual, OdeModel

HEAD = "from ketascope.models.user import *\n"
GOOD = '''
class One(UserModel):
    """One compartment."""

    parameters = (
        parameter("CL", 1.1, "L/h", "clearance", cv=0.3),
        parameter("V", 20, "L", "volume"),
        parameter("SD", 0.1, "1", "proportional error"),
    )
    compartments = {"central": "drug in plasma, mg"}
    covariates = ("WT",)
    reference = {"WT": 70}
    residuals = {"CP": Residual(proportional="SD")}

    def individual(self, p, who):
        return p.replace(CL=p.CL * (who.WT / 70) ** 0.75)

    def flows(self, p):
        return {("central", OUT): p.CL / p.V}

    def outputs(self, p):
        return {"CP": Concentration("central", p.V)}

    def entries(self, p, who):
        return {"central": Entry(bioavailability=0.9, lag=0.2)}

    def responses(self, p):
        return {"effect": Direct(lambda s: 10 * s.CP / (5 + s.CP))}
'''
ODE = """
@ode_model(
    parameters=[parameter("VMAX", 20, "mg/h"), parameter("KM", 4, "mg/L"), parameter("V", 50, "L")],
    compartments={"depot": "drug in gut, mg", "central": "drug in plasma, mg"},
    outputs={"CP": ("central", "V")},
)
def saturable(t, x, p):
    "Saturable elimination."
    c = 1000 * x.central / p.V
    return {"depot": -x.depot, "central": x.depot - p.VMAX * c / (p.KM + c)}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Write a model file in the current folder and return its name."""
    monkeypatch.chdir(tmp_path)

    def write(text, *, head=HEAD, name="m.py"):
        (tmp_path / name).write_text(head + text, encoding="utf-8")
        return name

    return write


def refusal(text):
    with pytest.raises(InputError) as caught:
        load_model(text)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_class(file):
    model = load_model(file(GOOD))
    assert (model.name, model.title) == ("One", "One compartment")
    assert model.flows(Individual({"CL": 2.0, "V": 20.0})) == {("central", "out"): 0.1}


def test_one_function(file):
    model = load_model(file(ODE))
    assert isinstance(model, OdeModel)
    assert (model.name, model.title) == ("saturable", "Saturable elimination")
    x, p = Individual({"depot": 1.0, "central": 0.2}), Individual({"VMAX": 20, "KM": 4000, "V": 50})
    rates = model.derivatives(0.0, x, p)
    assert rates["central"] == pytest.approx(1.0 - 20 * 4 / 4004)
    assert model.outputs(p)["CP"].volume == 50


def test_an_instance_stands_for_its_class(file):
    assert load_model(file(f"{GOOD}\nmodel = One()\nsame = model\n")).name == "One"


def test_the_benchmark_of_the_examples():
    assert load_model("examples/models/benchmark.py").name == "benchmark"


def test_one_of_several(file):
    name = file(GOOD + ODE)
    sentence = refusal(name)
    assert "the file holds 2 models; name one: m.py:saturable, m.py:One" in sentence
    assert load_model(f"{name}:One").name == "One"
    assert load_model(f"{name}:saturable").name == "saturable"
    assert "there is no model 'Two' in the file; it holds saturable, One" in refusal(f"{name}:Two")
    assert "there is no model 'UserModel'" in refusal(f"{name}:UserModel")
    assert "there is no model ''" in refusal(f"{name}:")


def test_what_is_imported_is_not_the_files_own(file):
    name = file("from ketascope.models.pk.clements_1981 import model\n")
    assert "there is no model in the file" in refusal(name)
    assert load_model(f"{name}:model").name == "clements_1981"


def test_a_base_of_its_own_is_not_a_second_model_when_an_instance_is_there(file):
    assert load_model(file(f"{GOOD}\nclass Two(One):\n    name = 'two'\nm = Two()\n")).name == "two"


def test_a_file_may_import_its_neighbour(file):
    file("HALF = 0.5\n", name="neighbour_of_m.py")
    text = GOOD.replace("bioavailability=0.9", "bioavailability=HALF")
    model = load_model(file(f"from neighbour_of_m import HALF\n{text}"))
    assert model.entries(None, None)["central"].bioavailability == 0.5


def test_the_file_is_read_anew_each_time(file):
    first = load_model(file(GOOD))
    second = load_model(file(GOOD.replace("1.1", "2.2")))
    assert [m.parameter("CL").value for m in (first, second)] == [1.1, 2.2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m.py", ("m.py", None)),
        ("m.py:A", ("m.py", "A")),
        (r"C:\models\m.py", (r"C:\models\m.py", None)),
        (r"C:\models\m.py:A", (r"C:\models\m.py", "A")),
        ("C:/m.PY:A", ("C:/m.PY", "A")),
        ("dir.py:x/m.py:A", ("dir.py:x/m.py", "A")),
        ("kamp_2020", ("kamp_2020", None)),
    ],
)
def test_the_colon(text, expected):
    assert split(text) == expected


def test_a_name_of_the_library_is_not_a_file():
    assert not is_file("kamp_2020")
    assert all(map(is_file, ("m.py", "m.py:A", "models/m", r"C:\m.py")))


def test_files_that_cannot_be_used(file, tmp_path):
    assert "there is no file 'no.py'; give FILE.py, or FILE.py:NAME" in refusal("no.py")
    assert f"'{tmp_path}' is a folder" in refusal(str(tmp_path))
    (tmp_path / "m.txt").write_text("x")
    assert "'m.txt' is not a Python file" in refusal("m.txt")
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9\n")
    assert "latin.py: the file is not text in UTF-8" in refusal("latin.py")


def test_files_that_are_not_python(file):
    assert "m.py, line 2: this is not Python (" in refusal(file("def f(:\n"))
    assert "def f(:" in refusal("m.py")
    assert "this is not Python" in refusal(file("\0", head=""))
    assert "m.py, line 3: running the file fails with ZeroDivisionError" in refusal(
        file("\nx = 1 / 0\n")
    )
    assert "fails with ModuleNotFoundError: No module named 'nowhere'" in refusal(
        file("import nowhere\n")
    )
    assert "fails with SystemExit" in refusal(file("raise SystemExit\n"))


def test_a_file_without_a_model(file):
    assert "there is no model in the file; write a class that builds on UserModel" in refusal(
        file("x = 1\n")
    )


# what is replaced in GOOD, by what, and what the sentence must say
WRONG = {
    "no parameters": ("parameters = (", "more = (", ["the model has no parameters", "One.param"]),
    "empty parameters": (
        'compartments = {"central": "drug in plasma, mg"}',
        "compartments = {}",
        ["m.py, line 11, One.compartments: the model has no compartments"],
    ),
    "a list of compartments": (
        '{"central": "drug in plasma, mg"}',
        '["central"]',
        ['compartments is a list; write it as {"central": "drug in plasma, mg"}'],
    ),
    "not a parameter": ('parameter("V", 20, "L", "volume")', "20", ["20 is no parameter"]),
    "twice": ('"V", 20', '"CL", 20', ["line 8, One.parameters: there are two parameters 'CL'"]),
    "not a name": ('"V", 20', '"V/F", 20', ["line 8", "'V/F' cannot name a parameter"]),
    "a word of Python": ('"V", 20', '"lambda", 20', ["'lambda' cannot name a parameter"]),
    "a taken name": ('"V", 20', '"names", 20', ["'names' cannot name a parameter", "taken"]),
    "unit": ('20, "L"', '20, "gallon"', ["line 8", "V has the unit 'gallon'", "may use 1, L, "]),
    "nan": ('"V", 20', '"V", float("nan")', ["line 8", "parameter V is nan"]),
    "text for a number": ('"V", 20', '"V", "20"', ["parameter V is '20'"]),
    "se": ('"L", "volume"', '"L", "volume", se=-1', ["standard error of parameter V is -1"]),
    "spread": (
        '"L", "volume"',
        '"L", "volume", Variability("logit", 0.1)',
        ["line 8", "parameter V is 20 and varies on the logit scale", "between 0 and 1"],
    ),
    "two spreads": ('cv=0.3)', 'cv=0.3, *[Variability("normal", 1)])', ["two spreads by subject"]),
    "a taken compartment": ('{"central": "d', '{"out": "d', ["'out' cannot name a compartment"]),
    "amounts": ("covariates = (", "amounts = 'kg'\n    covariates = (", ["amounts are 'kg'"]),
    "covariate name": ('("WT",)', '("WT kg",)', ["'WT kg' cannot name a covariate"]),
    "covariate text": ('("WT",)', '"WT"', ["covariates is a str; write it as"]),
    "reference": ('{"WT": 70}', '{"HT": 170}', ["'HT' is not among the model's covariates"]),
    "a covariate that is not declared": (
        "who.WT",
        "who.AGE",
        ["line 17, One.individual: individual uses who.AGE, which is no covariate",
         "the covariates are WT"],
    ),
    "individual without return": ("return p.replace", "p.replace", ["individual returns nothing"]),
    "individual replaces what is not there": (
        "p.replace(CL=", "p.replace(CLL=", ["p.CLL, which is no parameter; did you mean CL?"],
    ),
    "flow parameter": (
        "p.CL / p.V}", "p.CLL / p.V}",
        ["m.py, line 20, One.flows: flows uses p.CLL, which is no parameter; did you mean CL? the "
         "parameters are CL, V, SD."],
    ),
    "flow compartment": (
        '("central", OUT)', '("centre", OUT)',
        ["flows names the compartment 'centre', which there is not; did you mean central?"],
    ),
    "flow key": ('("central", OUT)', '"central"', ["flows has the key 'central'"]),
    "negative": (
        "p.CL / p.V}", "-p.CL / p.V}",
        ["the rate from 'central' to 'out' is -0.055 at typical values (where WT 70;",
         "a rate is not negative"],
    ),
    "nan flow": ("p.CL / p.V}", "(p.CL - 9) ** 0.5}", ["flows", "'central' to 'out'"]),
    "if": (
        "return {(\"central\", OUT): p.CL / p.V}",
        "return {(\"central\", OUT): p.CL / p.V if p.CL > 1 else 0}",
        ["m.py, line 20, One.flows: flows uses `if`", "use where(condition, then, otherwise)"],
    ),
    "math": (
        "p.CL / p.V}", "__import__('math').exp(p.CL)}",
        ["line 20", "takes one number", "take exp, log, sqrt"],
    ),
    "fails": ("p.CL / p.V}", "[][1]}", ["line 20", "flows fails with IndexError"]),
    "shape": ("p.CL / p.V}", "[1.0, 2.0]}", ["has the shape (2,) for one person;"]),
    "leaves": ("p.CL / p.V}", "exit()}", ["line 20", "flows fails with SystemExit"]),
    "no dictionary": ('return {"CP": C', 'return ("CP", C', ["fails", "SyntaxError"]),
    "output type": ('Concentration("central", p.V)}', "p.V}", ["output 'CP' is a "]),
    "output compartment": ('Concentration("central"', 'Concentration("depot"',
                           ["outputs names the compartment 'depot'"]),
    "volume": ('"central", p.V)', '"central", p.V - 20)',
               ["the volume of output 'CP' is 0 at typical values", "greater than 0"]),
    "entry compartment": ('{"central": E', '{"gut": E', ["entries names the compartment 'gut'"]),
    "entry": ("Entry(bioavailability=0.9, lag=0.2)", "0.9", ["the entry of 'central' is a float"]),
    "whole entry": ("Entry(bioavailability=0.9, lag=0.2)", "1", ["entry of 'central' is an int;"]),
    "lag": ("lag=0.2", "lag=-0.2", ["the lag of 'central' is -0.2", "it is not negative"]),
    "duration": ("lag=0.2", "duration=0", ["the duration of 'central' is 0", "greater than 0"]),
    "response": ("Direct(lambda s: 10 * s.CP / (5 + s.CP))", "p.V", ["response 'effect' is a "]),
    "signal": (
        "10 * s.CP", "10 * s.PC",
        ["m.py, line 29, One.responses: responses uses s.PC, which is no signal; the "
         "signals are central, CP, time."],
    ),
    "nan response": ("(5 + s.CP)", "s.CP", ["the value of response 'effect'", "every amount is 0"]),
    "response if": ("10 * s.CP", "(1 if s.CP else 0)", ["responses uses `if`"]),
    "response named as output": ('"effect": D', '"CP": D', ["'CP' is also the name of an output"]),
    "response named as compartment": ('"effect": D', '"central": D', ["name of a compartment"]),
    "response named as parameter": ('"effect": D', '"V": D', ["name of a parameter"]),
    "output named as a column": ('"CP": C', '"Time": C', ["'Time' is also the name of a column"]),
    "residual name": ('{"CP": R', '{"PC": R', ["'PC' is neither an output nor"]),
    "residual sd": ('proportional="SD"', 'proportional="S"', ["'S' is no parameter"]),
    "residual unit": ('proportional="SD"', 'proportional="V"', ["V is 20 L", "has the unit 1"]),
    "residual": ('proportional="SD"', 'log="SD", additive="SD"', ["log alone"]),
    "covariance name": ("covariates = (", 'covariances = (Covariance("CL", "Q", 0.1),)\n'
                        "    covariates = (", ["One.covariances: 'Q' is no parameter"]),
    "covariance spread": ("covariates = (", 'covariances = (Covariance("CL", "V", 0.1),)\n'
                          "    covariates = (", ["V does not vary between subjects"]),
    "joint": ("covariates = (", 'joint = Joint(("CL", "V"), ((1, 2), (2, 1)))\n    covariates = (',
              ["line 12, One.joint: the covariance matrix is not positive semi-definite"]),
    "joint shape": ("covariates = (", 'joint = Joint(("CL", "V"), ((1, 0),))\n    covariates = (',
                    ["the matrix is not 2 by 2"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_model_is_said_in_a_sentence(file, case):
    old, new, words = WRONG[case]
    assert GOOD.count(old) == 1, case
    sentence = refusal(file(GOOD.replace(old, new)))
    if case == "no dictionary":
        words = ["this is not Python"]
    for word in words:
        assert word in sentence, sentence
    assert sentence.startswith("m.py"), sentence


WRONG_ODE = {
    "missing": ('{"depot": -x.depot, "central"', '{"central"',
                ["there is no rate of change for depot", "return one for each compartment"]),
    "unknown": ('{"depot": -', '{"depo": -', ["the compartment 'depo'", "did you mean depot"]),
    "x": ("x.central /", "x.centre /", ["line 10", "uses x.centre, which is no compartment"]),
    "p": ("/ p.V", "/ p.W", ["line 10", "uses p.W, which is no parameter"]),
    "nan": ("(p.KM + c)", "c", ["the rate of change of 'central' at the start is nan"]),
    "if": ("c = 1000", "c = 0 if x.central > 1 else 1000", ["line 10", "uses `if`"]),
    "numpy": ("c = 1000", "import numpy; c = numpy.exp(x.central)", ["takes one number"]),
    "output": ('("central", "V")', '("central", "W")', ["p.W, which is no parameter"]),
    "initial": ("compartments={", 'initial={"gut": 1}, compartments={',
                ["saturable.initial: 'gut' is no compartment"]),
    "initial parameter": ("compartments={", 'initial={"depot": "BASE"}, compartments={',
                          ["'BASE' is no parameter"]),
    "solver": ("compartments={", 'solver="euler", compartments={', ["the solver is 'euler'"]),
    "twice": ('"KM", 4', '"V", 4', ["there are two parameters 'V'"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_ODE)
def test_what_is_wrong_with_an_equation_is_said_in_a_sentence(file, case):
    old, new, words = WRONG_ODE[case]
    assert ODE.count(old) == 1, case
    sentence = refusal(file(ODE.replace(old, new)))
    for word in words:
        assert word in sentence, sentence
    assert sentence.startswith("m.py, line "), sentence


def test_a_missing_method(file):
    start = GOOD.index("    def outputs")
    text = GOOD[:start] + GOOD[GOOD.index("    def entries") :]
    assert "m.py, line 3, One: the model has no method outputs; write outputs" in refusal(
        file(text)
    )


def test_a_published_model_without_its_source(file):
    text = "from ketascope.models.structure import Model\n" + GOOD.replace("UserModel", "Model")
    text += "\n    def inputs(self, p, dose):\n        return ()\n"
    assert "a published model says its " in refusal(file(text))


def test_equations_may_use_the_helpers(file):
    text = ODE.replace(
        "c = 1000", "c = where(x.central > 1, exp(-t), sqrt(x.depot)) + maximum(x.depot, 0) + 1000"
    )
    assert load_model(file(text)).name == "saturable"


def test_helpers_follow_their_values():
    import jax.numpy as jnp

    from ketascope.models import user

    value = np.array([0.5, 2.0])
    for array in (value, jnp.asarray(value)):
        kind = type(array)
        assert type(user.exp(array)) is kind
        found = user.where(array > 1, user.log(array), user.minimum(array, 0.1))
        assert np.asarray(found) == pytest.approx([0.1, np.log(2.0)], rel=1e-6)
        assert np.asarray(user.maximum(array, 1.0)) == pytest.approx([1.0, 2.0])
    assert user.sqrt(4.0) == 2.0
