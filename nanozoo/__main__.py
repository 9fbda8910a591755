"""`python -m nanozoo` is the command `nanozoo`."""

import sys

from nanozoo.cli.main import main

sys.exit(main())
