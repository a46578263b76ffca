"""The page of what the mocks answer, and of how they are steered."""

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from starlette.routing import BaseRoute, Route

from mocks.canton_scan import page as scan_page
from mocks.canton_scan import steering
from mocks.canton_scan.faults import PROFILES, Fault, Kind
from mocks.slack import app as slack
from tools.reference.markdown import rows_under, table

OPENAPI = Path("mocks/canton_scan/openapi.yaml")
SCAN_README = Path("mocks/canton_scan/README.md")
_METHODS = ("get", "post", "put", "delete")
_HEAD = """\
# The mocks' API

What is faithful and what is not, each mock says itself: [Scan](../../mocks/canton_scan/README.md),
[Slack](../../mocks/slack/README.md), [Snowflake](../../mocks/snowflake/README.md),
[Fargate](../../mocks/fargate/README.md). The addresses are those that `make run` and
`./pipeline open` print.
"""


def page() -> str:
    text = _fault_descriptions()
    return "\n".join(
        [
            _HEAD,
            "## The Scan\n",
            f"As [openapi.yaml](../../{OPENAPI}) describes it; tests hold it to that.\n",
            _api(),
            "## Steering the Scan\n",
            f"No real Scan knows these. [What they take](../../{SCAN_README}#steering-it).\n",
            _routes([*steering.ROUTES, *scan_page.ROUTES]),
            "## Faults\n",
            table(
                ["Kind", "What a client sees"], [[f"`{one}`", text.get(one, "")] for one in Kind]
            ),
            "## Profiles\n",
            "`./pipeline faults …` lets one stand in place of all others.\n",
            table(
                ["Profile", "Faults"], [[f"`{name}`", _all(it)] for name, it in PROFILES.items()]
            ),
            "## Slack\n",
            _routes(slack.ROUTES),
        ]
    )


def problems() -> list[str]:
    """The faults that the mock's README doesn't explain, and those that are none."""
    described, kinds = {*_fault_descriptions()}, {str(kind) for kind in Kind}
    return [
        *(
            f"{SCAN_README} has no row for the fault {kind}: add it"
            for kind in sorted(kinds - described)
        ),
        *(
            f"{SCAN_README} has a row for {kind}, which is no fault: remove it"
            for kind in sorted(described - kinds)
        ),
    ]


def _api() -> str:
    described: dict[str, Any] = yaml.safe_load(OPENAPI.read_text())
    base = described["servers"][0]["url"]
    rows = [
        [f"`{method.upper()} {base}{path}`", call["summary"], ", ".join(call["responses"])]
        for path, calls in described["paths"].items()
        for method, call in calls.items()
        if method in _METHODS
    ]
    return table(["Call", "Answer", "Statuses"], rows)


def _routes(routes: Iterable[BaseRoute]) -> str:
    rows: list[list[str]] = []
    for route in routes:
        if isinstance(route, Route):
            methods = ", ".join(sorted((route.methods or set()) - {"HEAD"}))
            summary = (inspect.getdoc(route.endpoint) or "").partition("\n")[0]
            rows.append([f"`{methods} {route.path}`", summary.removesuffix(".")])
    return table(["Call", "Answer"], rows)


def _fault_descriptions() -> dict[str, str]:
    rows = rows_under(SCAN_README.read_text(), "Kind")
    return {cells[0].strip("`"): cells[1] for _, cells in rows}


def _all(faults: Iterable[Fault]) -> str:
    return ", ".join(map(_fault, faults)) or "none"


def _fault(fault: Fault) -> str:
    details = [f"{fault.probability:.0%}"] if fault.probability < 1 else []
    if fault.kind in {Kind.SLOW, Kind.LAGGING}:
        details.append(f"{fault.seconds:g} s")
    return f"`{fault.kind}`" + (f" ({', '.join(details)})" if details else "")
