"""The person's web browser."""

import webbrowser


def open_in_browser(url: str) -> None:
    """Open a page; where no browser is known, say which page to open in one."""
    if not webbrowser.open(url):
        print(f"no browser is known here: open {url} in one", flush=True)
