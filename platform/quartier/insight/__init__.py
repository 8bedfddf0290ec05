"""Figures: definitions, each site's tally, the city's comparison; sums, never persons."""
