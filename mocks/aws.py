"""``python -m mocks.aws``: the emulated AWS of `./pipeline rehearse`, ministack by its variables.

It answers every web page (`Access-Control-Allow-Origin: *`), so `BrowserGuard` stands before it.
"""

from ministack import app as ministack

from mocks.browser_guard import BrowserGuard


def main() -> None:
    """Serve until SIGTERM."""
    ministack.app = BrowserGuard(ministack.app)
    ministack.main()


if __name__ == "__main__":
    main()
