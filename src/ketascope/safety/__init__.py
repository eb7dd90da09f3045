"""Safe use: rules, screening, plans and sessions."""
