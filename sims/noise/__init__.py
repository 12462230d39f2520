"""Theorem 3.2 against simulation: the distortion and the noise that the mean experiences."""
