"""The smoothing of the loss that agents experience, measured."""
