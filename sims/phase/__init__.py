"""The phase diagram: which coupling to use at a noise level and a step size."""
