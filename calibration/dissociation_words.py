"""What ``calibration/dissociation.py`` holds fixed, and what it says of its limits and sources."""

from __future__ import annotations

from fitting import short

OCCASION_PART = 0.5
ZERO = 23 / 32
"""Share of people with a total of 0 before the drug: 23 of 32 (Goldway 2025)."""
HELD = [
    {
        "name": "occasion_part", "value": OCCASION_PART, "unit": "1",
        "meaning": "part of the variance of sensitivity that is drawn anew in each session",
        "held": "assumed: nobody printed scores of the same people in several sessions; a quarter "
        "and three quarters are in the errors",
    },
    {
        "name": "baseline_zero", "value": short(ZERO), "unit": "1",
        "meaning": "share of people with a total of 0 before the drug",
        "held": "23 of 32 before ketamine in Goldway 2025",
    },
]  # fmt: skip
LIMITS = [
    "Patients of the spray were 18 to 64 years, volunteers about 30: no score of people of 65 and "
    "more was fitted. Age is taken to change nothing but the concentration.",
    "Scores after racemate are of 33 healthy volunteers of about 30 years, 16 of whom had had "
    "ketamine before, and of 110 patients, rated at a minute of the infusion that is not stated. "
    "Patients of infusions and of the spray have a factor each; that of the spray holds "
    "population, route, rating and the potency of esketamine, which is taken from binding (Ebert "
    "1997: 1.65, assumed to a factor of 1.2).",
    "Shares of patients of the spray are ranges over the arms of its trials (61 to 75 %, 5 to 16 % "
    "with placebo): which arm has which was not read. Anywhere in it is as likely, 84 mg above 56 "
    "mg: how much more it does follows for the most part from the concentration.",
    "A small chi square proves little: saline, placebo, waning and each kind of patients have a "
    "parameter, and mean, SD and share of the last rating are of the same 27 people.",
    "No score after a dose into a muscle, of racemate by spray, of esketamine into a vein or of "
    "volunteers after the spray is in it: there the concentration carries it over, with the middle "
    "of the two factors of patients and a band that holds both.",
    "Acute tolerance rests on the last rating of the infusion, whose minute is not settled, and on "
    "the disposition of clements_1981. Its rate is assumed, not found: without that assumption "
    "neither the rate nor the part it offsets is determined.",
    "Waning is by number of sessions, from one open study of 20 responders given racemate under "
    "the skin (means of 20 and 8.8, 13 to 26 sessions apart); after 26 sessions it stays as it is. "
    "What a break of weeks brings back is not known.",
    "How much of the spread is of a single rating follows from one correlation in 27 people (0.24) "
    "and is hardly known; the errors say so.",
    "The scores of patients spread more (9.2 about 7.7) than one spread for all has it, those of "
    "volunteers less.",
    "The level before the drug is at most 4; with saline 30 % of the same people rated above 4 in "
    "a first session.",
]
SOURCES = [
    "goldway_2025", "van_schalkwyk_2018", "spravato_us_label", "jnj_dissociation", "glue_2018",
    "danboeck_2024", "olofsen_2012", "ebert_1997", "bowdle_1998", "clements_1981",
    "perez_ruixo_2021",
]  # fmt: skip
