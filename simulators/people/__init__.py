"""Who takes part: people, their devices, training and mistakes. Pure and seeded."""
