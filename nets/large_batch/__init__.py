"""Gradient noise for large batches: the manuscript's tables and figures, and theory beside them."""
