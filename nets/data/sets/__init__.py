"""The data sets, one a file: the file's name is the set's, and its function `read` returns it."""
