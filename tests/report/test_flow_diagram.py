"""The drawing of a model: what it shows, and that nothing lies on something else."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from ketascope.models import library
from ketascope.models.load import load_model
from ketascope.models.parts import OUT, Concentration
from ketascope.models.responses import Direct, Hazard
from ketascope.models.shape import Flow, shape_of
from ketascope.models.user import UserModel, ode_model, parameter
from ketascope.report.flow_diagram import BOX, flow_diagram, picture
from ketascope.report.flow_layout import edges_of, places_of
from ketascope.report.flow_text import number, text_diagram

EXAMPLES = ("one_compartment_depot", "indirect_response", "minto_1997", "saturable_elimination")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=[*library(), *EXAMPLES])
def shape(request):
    name = request.param
    return shape_of(
        library()[name] if name in library() else load_model(f"examples/models/{name}.py")
    )


def test_the_text_of_a_known_model():
    shape = shape_of(load_model("examples/models/indirect_response.py"))
    assert text_diagram(shape).splitlines() == [
        "[ 1 depot ]  drug in the gut, mg",
        " └── 0.8 ─▶ [ 2 central ]  drug in the central compartment, mg   ● CP",
        "      ├◀ 0.1 ── 0.2 ▶ [ 3 peripheral ]  drug in the peripheral compartment, mg",
        "      └── 0.133 ─▶ out of the body",
        "(R)  turnover response to CP",
    ]


def test_the_text_shows_every_compartment_once_and_every_flow(shape):
    text = text_diagram(shape)
    for k, name in enumerate(shape.compartments, 1):
        mark = f"[ {k} {name} ]" if shape.numbered else f"[ {name} ]"
        assert text.count(mark) == 1
    leaving = sum(flow.end == OUT for flow in shape.flows)
    assert text.count("out of the body") + text.count("fades") == leaving
    pairs = {frozenset((f.start, f.end)) for f in shape.flows if f.end != OUT}
    heads = len(re.findall(r"▶ (?!out of|fades)", text))
    assert heads == len(pairs)
    for name in shape.responses:
        assert f"({name})" in text


def test_no_two_boxes_overlap(shape):
    places = list(places_of(shape, edges_of(shape)).values())
    assert len(places) == len(shape.compartments) + len(shape.responses)
    for i, (x, y) in enumerate(places):
        assert x >= 0
        assert y >= 0
        for other_x, other_y in places[i + 1 :]:
            assert abs(x - other_x) >= 0.9 or abs(y - other_y) >= 1


def test_the_picture_is_a_file_of_its_own(shape):
    root = ElementTree.fromstring(picture(shape, "A <title> & more"))
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title").text == "A <title> & more"
    words = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    for name, meaning in shape.compartments.items():
        assert set(meaning.split()) <= set(words.split())
        if shape.numbered:
            assert name in words
    boxes = [r for r in root.iter(f"{SVG}rect") if r.get("width") == f"{BOX[0]:.0f}"]
    assert len(boxes) == len(shape.compartments) + len(shape.responses)
    wide, tall = float(root.get("width")), float(root.get("height"))
    for box in boxes:
        assert float(box.get("x")) + BOX[0] <= wide
        assert float(box.get("y")) + float(box.get("height")) <= tall
    measured = sum(box.get("class") == "measured" for box in boxes)
    assert measured == len(set(shape.outputs.values()))


def test_a_picture_within_a_page_has_no_style_of_its_own(shape):
    assert "<style" not in flow_diagram(shape)
    assert "0.133" not in flow_diagram(shape)


def test_a_line_goes_around_a_box_between_its_ends():
    class Chain(UserModel):
        name, title = "chain", "Chain"
        parameters = (parameter("K", 1.0, "1/h"),)
        compartments = {"a": "first", "b": "second"}  # noqa: RUF012

        def flows(self, p):
            return {("a", "b"): p.K, ("b", OUT): p.K}

        def outputs(self, p):
            return {"A": Concentration("a", 1.0)}

        def responses(self, p):
            return {"E": Direct(lambda s: s.A + s.b), "H": Hazard(lambda s: s.E * s.time)}

    shape = shape_of(Chain())
    assert shape.responses["E"].reads == ("A", "b")
    assert (shape.responses["H"].kind, shape.responses["H"].reads) == ("hazard", ("E", "time"))
    assert len(re.findall(r'd="M[\d. ]+C', picture(shape, "Chain"))) == 1


def test_flows_are_found_in_equations():
    @ode_model(
        parameters=[parameter("K", 0.5, "1/h")],
        compartments={"gut": "", "body": "", "metabolite": "", "signal": ""},
        outputs={"C": ("body", 10.0)},
    )
    def model(t, x, p):
        formed = 0.3 * x.body / (1.0 + x.body)
        return {
            "gut": -p.K * x.gut,
            "body": p.K * x.gut - formed - 0.1 * x.body,
            "metabolite": formed - 0.2 * x.metabolite,
            "signal": x.body - x.signal,
        }

    found = set(shape_of(model).flows)
    assert Flow("gut", "body", None, True) in found
    assert Flow("metabolite", OUT, None, True) in found
    assert Flow("body", "metabolite", None, True) in found
    assert Flow("body", OUT, None, True) in found
    # what the signal follows would be more than the body loses, so nothing is taken
    assert Flow("body", "signal", None, False) in found
    assert not any(flow.start == "gut" and flow.end == OUT for flow in found)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.123456, "0.123"), (12.0, "12"), (7000.0, "7000"), (1e-5, "1e-05")],
)
def test_rates_have_three_figures(value, text):
    assert number(value) == text
