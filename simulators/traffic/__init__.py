"""When things arrive: arrival curves, flash crowds and the night's phases. Pure and seeded."""
