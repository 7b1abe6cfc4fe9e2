"""Measurements against the budgets: `make bench`. They print ratios taken in one run and fail nothing."""
