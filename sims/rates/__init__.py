"""Synchronization rates: Theorem 3.1, Lemmas 3.2 and 5.4, Sec. 3.4, against simulation."""
