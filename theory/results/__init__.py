"""The results, one a file, named by their number."""
