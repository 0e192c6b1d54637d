"""The packaged drills, one YAML a night. Data only."""
