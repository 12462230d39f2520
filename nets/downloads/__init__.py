"""Fetching the published data sets, without torch."""
