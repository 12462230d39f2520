"""``python -m sdeopt`` is the command `sdeopt`."""

import os
import sys

# Python puts the current folder first on the import path, where a file math.py would be imported in
# place of the library. A checkout that is not installed is found there, and then it comes last.
if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:
    here = sys.path.pop(0)
    if os.path.dirname(os.path.dirname(os.path.abspath(__file__))) == here:
        sys.path.append(here)

from sdeopt.cli import main

if __name__ == "__main__":
    main()
