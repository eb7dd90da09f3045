"""``python -m ketascope.cli`` is the command line."""

import sys

from ketascope.cli import main

if __name__ == "__main__":
    sys.exit(main())
