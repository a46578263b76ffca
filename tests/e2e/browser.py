"""A browser before the stack's pages, and what it asked for and complained of meanwhile."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 120_000
_LOOKS, _LOOK_MS = 10, 60_000
# Of a tab; Prefect has none for a state that it does not know yet.
_ICON = re.compile(r"/favicon\.ico|/ico/")
_VIEWPORT = {"width": 1280, "height": 800}
# Prefect draws a run's graph with Pixi, which may still draw when its page was left.
_LEFT_GRAPH = "Cannot read properties of null (reading 'position')"
# A container that starts or ends changes the machine's network: Chromium drops what it fetches.
_CUT_OFF = "net::ERR_NETWORK_CHANGED"

expect.set_options(timeout=_PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; Playwright's are not for every network to be had.

    As root, it runs without its sandbox: it sees pages of this machine alone.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found, f"a browser is needed (apt install chromium): none of {', '.join(_NAMES)} is here"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody's browser window.

    `asked` are its requests to other machines; `complaints` what its console shows in red.
    """

    context: BrowserContext
    pictures: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    was_cut_off: bool = False

    @property
    def trouble(self) -> list[str]:
        """The errors that pages showed; unknown, so empty, once the network has changed."""
        return [] if self.was_cut_off else self.complaints

    def carry(self) -> None:
        """Ask in the place of Chromium, which drops what it fetches when the network changes.

        A click that needs such a file then does nothing, and no reload repeats the click.
        """
        self.context.route("**/*", self._carry)

    def close(self) -> None:
        """Close the window, and let go of what its pages still wait for."""
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.close()

    def page(self) -> Page:
        """A new tab."""
        page = self.context.new_page()
        page.on("request", self._note_request)
        page.on("requestfailed", self._note_failure)
        page.on("console", self._note_message)
        page.on("pageerror", self._note_error)
        page.on("dialog", self._note_dialog)
        return page

    def keep(self, page: Page, name: str, height: int = _VIEWPORT["height"]) -> None:
        """A picture of what is seen; with SCREENSHOTS=docs/images among the documentation's."""
        path = self.pictures / f"{name}.png"
        part = {"x": 0, "y": 0, "width": _VIEWPORT["width"], "height": height}
        page.screenshot(path=path, clip=part, animations="disabled")

    def _carry(self, route: Route) -> None:
        try:
            # A server closes a connection that was idle just as it is used again: asked once more.
            route.fulfill(response=route.fetch(max_redirects=0, max_retries=3))
        except Error:  # the page was left meanwhile, or nobody answers
            self.was_cut_off = True
            with suppress(Error):
                route.abort()

    def _note_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"blob", "data"} and url.hostname != "127.0.0.1":
            self.asked.append(request.url)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def _note_failure(self, request: Request) -> None:
        self.was_cut_off |= request.failure == _CUT_OFF

    def _note_error(self, error: Error) -> None:
        if error.message != _LEFT_GRAPH:
            self.complaints.append(error.message)

    def _note_message(self, message: ConsoleMessage) -> None:
        told = f"{message.text} {message.location['url']}"
        if message.type == "error" and not _ICON.search(told):
            self.complaints.append(told)


def go(page: Page, address: str, sign: Locator) -> None:
    """Open an address, and wait until `sign` is seen there."""
    _load(lambda: page.goto(address))
    see(page, sign)


def see(page: Page, sign: Locator) -> None:
    """Wait until `sign` is seen; look again, as a person would, where it stays away."""
    for _ in range(_LOOKS):
        try:
            return expect(sign).to_be_visible(timeout=_LOOK_MS)
        except AssertionError:
            _load(page.reload)
    return expect(sign).to_be_visible()


def decide(page: Page, run: str, what: str, *answers: str) -> None:
    """Fill in the form of a suspended run, which shows what it would do and takes no empty one."""
    resume = page.get_by_role("button", name="Resume")
    go(page, run, resume)
    resume.click()
    form, submit = page.get_by_role("dialog"), page.get_by_role("button", name="Submit")
    expect(form.get_by_text(what)).to_be_visible()
    submit.press("Enter")  # by keys: a message that goes moves what the mouse is about to hit
    for name in ("decision", "decided_by", "reason"):
        expect(form.get_by_text(f"'{name}' is a required property")).to_be_visible()
    for place, text in enumerate(answers):
        form.get_by_role("textbox").nth(place).fill(text)
    submit.press("Enter")
    expect(submit).to_be_hidden()


def _load(act: Callable[[], object]) -> None:
    try:
        act()
    except Error as error:
        if _CUT_OFF not in error.message:
            raise


def new_visitor(browser: Browser, pictures: Path, **options: Any) -> Visitor:
    """A window of its own: no cookies, nothing remembered, unless `options` say so."""
    context = browser.new_context(
        **{"viewport": _VIEWPORT, "locale": "en-GB", "timezone_id": "UTC", **options}
    )
    context.set_default_timeout(_PATIENCE_MS)
    return Visitor(context, pictures)
