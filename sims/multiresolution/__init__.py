"""Learning rates of the agents' own: coarse ones that leave bad places, fine ones that converge."""
