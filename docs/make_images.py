"""Draw the pictures that README and the documentation show, with the program itself.

python docs/make_images.py
"""

from pathlib import Path

import ketascope as ks

HERE = Path(__file__).parent / "images"
REGIMEN = "esketamine 84 mg intranasal once"


def main() -> None:
    """Write docs/images/report-exposure.png."""
    HERE.mkdir(exist_ok=True)
    result = ks.simulate(REGIMEN, people=1000, seed=1)
    figure = ks.plot.exposure(result)
    figure.savefig(HERE / "report-exposure.png", dpi=160, facecolor="white")


if __name__ == "__main__":
    main()
