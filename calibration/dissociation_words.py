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
METHOD = (
    "The total rises by x/(1 + x) of the room up to 92; x is the concentration left by acute "
    "tolerance over half, times a lognormal sensitivity (linear in concentration as Bowdle "
    "1998 found of other scales). Weighted least squares of means, standard deviations and "
    "shares. More residuals: the correlation of the two ratings after racemate "
    "({correlation} published, {fitted:.2f} fitted). "
    "Assumed before the fit: potency of esketamine 1.65 (error 0.2 of its logarithm), ktol 1.5 "
    "per h (0.7), ke0 6.8 per h (0.6), 19.5 sessions before week 14 (0.2), the last rating "
    "15 min after the infusion (0 to 30), both shares of the spray where two even draws in "
    "order lie in their range, what is carried over to other routes 1 ({carried_over:g}), and "
    "that generally "
    "resolved by 1.5 h (spray) and resolved 2 h after the start (infusion) mean 10 % of people "
    "above 4 (5 to 20 %; {resolved:.0f} and {resolved_infusion:.0f} % in the fit). What the points "
    "bound on one side alone has a wide assumption: sensitivity_sd and rating_sd 0.6, offset_sd "
    "0.3 (0.7), waning 0.05 (1), placebo_above_4 0.1 (1 of its logit). Numbers of the same rating "
    "of the same people go together with r of 0.6. Estimates are where likelihood and priors are "
    "highest; "
    "errors and draws are of a sample from them ({rows} rows taken by weight from {points} points, "
    "which are worth {behind:.0f} independent draws), as a normal approximation draws a spread of "
    "sensitivity above that of all ratings. They hold the "
    "split of sensitivity between person and occasion, and 0.3 of the logarithm of half for "
    "other trials, which is assumed as well, about as far as they differ in what the spray "
    "does to the MADRS. Without acute "
    "tolerance chi square is {bare:.1f} instead of {chi_square:.1f}, with three parameters "
    "fewer. Concentrations: clements_1981, perez_ruixo_2021."
)
LIMITS = [
    "Shares of the spray are over all arms that the label counts, one of people of 65 and more "
    "among them as far as its tables show; volunteers were about 30. No score of people of 65 and "
    "more was fitted by itself. Age is taken to change nothing but the concentration.",
    "Scores after racemate are of 33 healthy volunteers of about 30 years, 16 of whom had had "
    "ketamine before, and of 110 patients, rated at a minute of the infusion that is not stated. "
    "Patients of infusions and of the spray have a factor each; that of the spray holds "
    "population, route, rating and the potency of esketamine, which is taken from binding (Ebert "
    "1997: 1.65, assumed to a factor of 1.2).",
    "Shares of patients of the spray are ranges over arms (61 to 75 %): which arm has which was "
    "not read. Anywhere in it is as likely, 84 mg above 56 mg: how much more it does follows for "
    "the most part from the concentration. That with placebo (5 to 16 %) is the companion of 61 "
    "to 84 %, of more trials: with 5 % the factor of patients would be up to 0.05 of its "
    "logarithm higher, its error being 0.35.",
    "A small chi square proves little: saline, placebo, waning and each kind of patients have a "
    "parameter. Mean, SD and share of a rating are of the same people; their errors are larger for "
    "that.",
    "No score after a dose into a muscle, of racemate by spray, of esketamine into a vein or of "
    "volunteers after the spray is in it: there the concentration carries it over, with the middle "
    "of the two factors of patients and a band that holds both.",
    "Acute tolerance rests on the last rating of the infusion, whose minute is not settled, and on "
    "the disposition of clements_1981. Its rate is assumed, not found: without that assumption "
    "neither the rate nor the part it offsets is determined. The infusion lasted 176 min with an "
    "SD of 21: the mean is taken for all.",
    "Waning is by number of sessions, from one open study of 20 responders given racemate under "
    "the skin (means of 20 and 8.8, 13 to 26 sessions apart); after 26 sessions it stays as it is. "
    "What a break of weeks brings back is not known.",
    "How much of the spread is of a single rating follows from one correlation in 27 people (0.24) "
    "and is hardly known: it bounds the spread of sensitivity above, together with the spread of "
    "ratings in all; below, an assumption does.",
    "The concentration of racemate has no spread between people in its model: that of sensitivity "
    "holds it, and stands after the spray beside the spread that its model has. Placebo is taken "
    "to add to the drug by chance alone; without it the factor of patients of the spray would be "
    "about 0.08 of its logarithm higher.",
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
