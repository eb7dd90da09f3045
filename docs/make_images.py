"""Draw the pictures that README and the documentation show, with the program itself.

python docs/make_images.py
"""

from pathlib import Path

import ketascope as ks
from ketascope.models.load import load_model
from ketascope.models.shape import shape_of
from ketascope.report.flow_diagram import picture

HERE = Path(__file__).parent / "images"
REGIMEN = "esketamine 84 mg intranasal once"


def main() -> None:
    """Write docs/images/report-exposure.png and the drawings of the example models."""
    HERE.mkdir(exist_ok=True)
    result = ks.simulate(REGIMEN, people=1000, seed=1)
    figure = ks.plot.exposure(result)
    figure.savefig(HERE / "report-exposure.png", dpi=160, facecolor="white")
    for name in ("indirect_response", "minto_1997"):
        model = load_model(HERE.parents[1] / f"examples/models/{name}.py")
        drawing = picture(shape_of(model), model.title)
        (HERE / f"{name.replace('_', '-')}.svg").write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
