"""The engine: schedules and people in, exact solutions of linear models out."""
