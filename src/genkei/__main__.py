"""`python -m genkei` is the `genkei` command."""

import sys

from genkei.apps.cli import main

if __name__ == "__main__":
    sys.exit(main())
