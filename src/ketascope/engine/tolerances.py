"""Tolerances of the responses, apart from what solves them: importing them loads nothing."""

RTOL, ATOL = 1e-6, 1e-9
"""Default tolerances of a step, relative to the response and absolute in its unit."""
