"""`python -m runner`: run, rewrite, list, count, matrix."""

import sys

from runner.command_line import main

sys.exit(main(sys.argv[1:]))
