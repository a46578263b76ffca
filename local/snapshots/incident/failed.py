"""The failed part of a run: its layer, the error, and the position it began at."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.console.errors import CommandFailed
from local.console.prefect_api import LAYERS, PrefectApi
from services import errors

_STANDS = re.compile(r"network (?P<network>[0-9a-f]{12}) stands at (?P<position>\S+)")
_KEPT = re.compile(r"the page is kept as (?P<key>quarantine/[0-9a-f]{64})")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_BAD = ("FAILED", "CRASHED")
_ERROR = re.compile(r"\b([A-Z]\w+): ")


@dataclass(frozen=True)
class Failed:
    """A run that failed.

    Attributes:
        network: The network it read, from its log.
        position: Bronze's position, from its log too.
        kept_key: The key of the page that it set aside, if its log has one.
    """

    run: str
    flow: str
    layer: str
    parameters: dict[str, Any]
    message: str
    network: str | None
    position: str | None
    kept_key: str | None


def read_failed(api: PrefectApi, name_or_id: str) -> Failed:
    """The run of this id or name.

    Raises:
        CommandFailed: There is none, it didn't fail, or not in a layer.
    """
    if _ID.fullmatch(name_or_id):
        run = api.run(name_or_id)
    elif runs := api.runs_named(name_or_id):
        run = runs[0]
    else:
        raise CommandFailed(f"no run is named {name_or_id}: Slack's message has its name and id")
    whole = [run, *api.subruns(run["id"])]
    bad = [one for one in whole if one["state_type"] in _BAD]
    named = [(api.flow_name(one), one) for one in bad]
    part = next(((name, one) for name, one in named if name in LAYERS), None)
    if part is None:
        raise CommandFailed(
            f"{run['name']} is {run['state_name']}: only a run that failed in bronze, silver or"
            " gold can be packed"
        )
    name, failed = part
    log: list[str] = []
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    while page := api.logs([one["id"] for one in whole], begin, offset=len(log)):
        log += [line["message"] for line in page]
    lines = "\n".join(log)
    stands, kept = _STANDS.search(lines), _KEPT.search(lines)
    return Failed(
        run=run["name"],
        flow=api.flow_name(run),
        layer=LAYERS[name],
        parameters=run["parameters"],
        message=failed["state"].get("message") or failed["state_name"],
        network=stands["network"] if stands else None,
        position=stands["position"] if stands else None,
        kept_key=kept["key"] if kept else None,
    )


def refuse_outage(failed: Failed) -> None:
    """Raise `CommandFailed` for a run that had no answer, not one that fails anywhere."""
    for name in _ERROR.findall(failed.message):
        kind = getattr(errors, name, errors.PipelineError)
        if kind.retryable and kind is not errors.PageRefused:
            raise CommandFailed(
                f"{failed.run} failed for want of an answer ({name}); what it read fails nowhere"
                " else: ./pipeline faults outage shows at home how such a run ends"
            )
