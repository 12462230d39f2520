"""Published file layouts; an error names what is wrong with a file."""
