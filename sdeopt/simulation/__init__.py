"""How a run is done: from checked arguments to an `xarray.Dataset`."""
