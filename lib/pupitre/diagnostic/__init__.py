"""Where the commune stands, and what its schools need."""
