"""Lemma 5.5 against simulation: the variance of time averages."""
