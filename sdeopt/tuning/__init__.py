"""The search for the best coupling of a loss of one's own."""
