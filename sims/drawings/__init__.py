"""How results are drawn: one kind of picture a file."""
