"""Phone lines: the hotline as a state machine, and the queueing formulas it must agree with."""
