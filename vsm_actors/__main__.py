"""``python -m vsm_actors`` is ``vsm-run``."""

import sys

from vsm_actors.cli import main

if __name__ == "__main__":
    sys.exit(main())
