"""What the subcommands of `sdeopt` do; `sdeopt.cli` has their options."""
