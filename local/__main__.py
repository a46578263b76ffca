"""``python -m local``, which `./pipeline` calls."""

import sys

from local.program import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
