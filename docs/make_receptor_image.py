"""Draw the picture of receptor block that the documentation shows.

python docs/make_receptor_image.py
"""

from pathlib import Path

import ketascope as ks
from ketascope.effects import memantine_reference, occupancy
from ketascope.report.draw_receptors import SITES, SUBTYPES, draw_receptors

REGIMENS = {
    "Esketamine 84 mg, nasal": "esketamine 84 mg intranasal once",
    "Ketamine 0.5 mg/kg, 40 min IV": "ketamine 0.5 mg/kg iv over 40 min once",
}
PEOPLE = 500


def main() -> None:
    """Write docs/images/receptors.png."""
    names = [*SUBTYPES, *SITES]
    courses = {}
    for heading, words in REGIMENS.items():
        result = ks.simulate(words, people=PEOPLE, seed=1)
        courses[heading] = occupancy(result, targets=names, unchecked=SUBTYPES, derived=True)
    memantine = memantine_reference(targets=names)
    figure = draw_receptors(courses, memantine)
    figure.savefig(Path(__file__).parent / "images/receptors.png", dpi=160, facecolor="white")


if __name__ == "__main__":
    main()
