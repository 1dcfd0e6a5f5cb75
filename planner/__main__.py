"""`python -m planner` is `planner`."""

import os
import sys

# Python searches the working folder first; it may be a stranger's, and its files must not be imported
if not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120 - to import pathlib would look there
    del sys.path[0]

from planner.cli import main

main()
