"""Lemma 3.1 against simulation: how far noise keeps coupled agents apart."""
