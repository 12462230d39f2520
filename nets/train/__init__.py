"""``sdeopt train``: a training that a TOML file or options describe."""
