"""The synthetic election whose truth is known: places, contests and results. Pure and seeded."""
