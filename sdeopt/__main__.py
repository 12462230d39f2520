"""``python -m sdeopt`` is the command `sdeopt`."""

from sdeopt.cli import main

if __name__ == "__main__":
    main()
