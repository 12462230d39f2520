"""The smoothing of the loss by noise and coupling, measured."""
