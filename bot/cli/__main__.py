"""`python -m bot.cli` is `maru`."""

import sys

from bot.cli import main

sys.exit(main())
