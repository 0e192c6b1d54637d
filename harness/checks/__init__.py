"""One question to a finished run a file. Checks read the run folder and nothing else."""
