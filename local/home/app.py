"""The page's routes. Whoever looks has the place read; nothing is read for the health check."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from local.home import words
from local.home.place import HomePlace
from local.home.readings import SCAN, Readings
from local.home.view import utc_now, view
from mocks.browser_guard import BrowserGuard
from mocks.slack.mrkdwn import to_html

HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
# Steers a place's ledger: what (`clock` or `faults`), and how. Returns what was refused, or "".
Steer = Callable[[str, Mapping[str, str]], str]


class Watching(Protocol):
    """The source of a page's readings, such as `local.home.watch.Watch`."""

    async def look(self) -> Readings:
        """Return the newest readings."""
        ...

    async def renew(self, source: str) -> None:
        """Have a source read again, and wait for it."""
        ...

    async def close(self) -> None:
        """Stop reading."""
        ...


def create_app(
    place: HomePlace,
    watching: Watching,
    steer: Steer | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Starlette:
    """The page of one place; without `steer`, it has no buttons and takes none of their acts."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        await watching.close()

    static = StaticFiles(directory=HERE / "static")
    routes = [Route("/", get_page), Route("/readyz", get_health), Mount("/static", static)]
    if steer:
        routes.append(Route("/{what:str}", post_act, methods=["POST"]))
    app = Starlette(routes=routes, middleware=[Middleware(BrowserGuard)], lifespan=lifespan)
    app.state.place, app.state.watching, app.state.steer = place, watching, steer
    app.state.clock = clock
    app.state.template = _templates().get_template("page.html")
    return app


def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own: dict[str, Any] = {
        "mrkdwn": _mrkdwn,
        "clock": words.clock_text,
        "instant": words.instant,
        "span": words.span,
    }
    found.filters.update(own)
    return found


def _mrkdwn(text: str) -> Markup:
    """Slack's text as HTML, which can carry no markup of its own."""
    return Markup(to_html(text))  # noqa: S704 -- it escapes


async def get_page(request: Request) -> Response:
    """The page as it is now."""
    return await _page(request)


async def get_health(_: Request) -> Response:
    """Empty, once it answers."""
    return Response()


async def post_act(request: Request) -> Response:
    """Move the ledger's clock, or let faults stand; then the page, which shows it."""
    what = request.path_params["what"]
    if what not in ("clock", "faults"):
        return Response(status_code=404)
    form = parse_qsl((await request.body()).decode(errors="replace"))
    values = {name.upper(): value for name, value in form}
    state = request.app.state
    if refused := await run_in_threadpool(state.steer, what, values):
        return await _page(request, refused, status=502)
    await state.watching.renew(SCAN)
    network = request.query_params.get("network")
    query = f"?{urlencode({'network': network})}" if network else ""
    return RedirectResponse(f"/{query}#ledger", status_code=303)


async def _page(request: Request, notice: str = "", status: int = 200) -> Response:
    state = request.app.state
    readings = await state.watching.look()
    network = request.query_params.get("network", "")
    shown = view(state.place, readings, network, state.clock(), notice)
    html = state.template.render(view=shown, is_steered=state.steer is not None)
    return HTMLResponse(html, status, _HEADERS)
