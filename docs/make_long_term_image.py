"""Draw the strip of grams per month that the documentation shows.

python docs/make_long_term_image.py
"""

from pathlib import Path

from ketascope.effects.long_term import long_term
from ketascope.report.draw_long_term import draw_long_term

REGIMEN = "ketamine 0.5 mg/kg iv over 40 min twice weekly for 3 weeks"


def main() -> None:
    """Write docs/images/long-term.png."""
    figure = draw_long_term(long_term(REGIMEN))
    figure.savefig(Path(__file__).parent / "images/long-term.png", dpi=160, facecolor="white")


if __name__ == "__main__":
    main()
