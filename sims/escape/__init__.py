"""Basins and escape: where agents and means end, and how long they take to leave a minimum."""
