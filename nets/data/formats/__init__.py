"""Published file layouts, read with a clear word on what is wrong with a file."""
