"""``python -m tools.reference`` (``./pipeline docs``): write docs/reference and .env.example."""

import sys
from pathlib import Path

from tools.reference.pages import pages, problems


def main() -> int:
    """Write what differs; 1 if something is left that only a person can mend."""
    for path, text in pages().items():
        if not Path(path).exists() or Path(path).read_text() != text:
            Path(path).write_text(text)
            print(f"wrote {path}")
    missing = problems()
    for problem in missing:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
