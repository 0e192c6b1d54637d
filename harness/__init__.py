"""What we run: drills, their targets, engine, record and checks. Imports ``simulators`` only."""
