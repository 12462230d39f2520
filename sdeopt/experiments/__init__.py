"""The experiments that packages offer: found, changed, run, written, reported."""
