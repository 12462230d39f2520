"""Lemma 1 and Corollary 1 of Adilova et al. (2018) by Monte Carlo."""
