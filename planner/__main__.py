"""`python -m planner` is `planner`."""

import os
import sys

# Python looks into the working folder first; it may be a stranger's, and what lies in it is no part of the planner
if not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120 - to import pathlib would look there
    del sys.path[0]

from planner.cli import main

main()
