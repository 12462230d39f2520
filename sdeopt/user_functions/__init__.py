"""Functions of the user's: found as source, written into generated modules, compiled."""
