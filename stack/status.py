"""How the stack is: health, memory, last runs, and how far each layer has come."""

import json
from collections.abc import Mapping
from typing import Any

from console.errors import CommandFailed
from services.tables import print_table
from stack.compose import memory, services
from stack.running import Running, running

_LAYERS = """
    select w.network, b.layer, max(b.batch_id) as batch_id, sum(b.row_count) as row_count,
        max(b.committed_at) as committed_at
    from ops.batches b join ops.cdc_watermarks w on w.network = b.network
    where w.stream = 'bronze_canton_transactions'
    group by w.network, b.layer order by w.network, min(b.committed_at)"""

_WATERMARKS = """
    select stream, network, migration_id, record_time, consumed_batch_id, batch_id
    from ops.cdc_watermarks order by network, stream"""


def status(environment: Mapping[str, str]) -> int:
    """Print it all; FORMAT=json prints one JSON object."""
    form = environment.get("FORMAT", "")
    if form not in {"", "table", "json"}:
        raise CommandFailed(f"FORMAT={form} is neither table nor json")
    found = _collect(running())
    if form == "json":
        print(json.dumps(found, default=str))
        return 0
    for title, rows in found.items():
        print_table(rows, title)
    return 0 if all(one["health"] in {"healthy", "done"} for one in found["services"]) else 1


def _collect(target: Running) -> dict[str, list[dict[str, Any]]]:
    with target.warehouse().session() as session:
        layers, watermarks = session.query(_LAYERS), session.query(_WATERMARKS)
    return {
        "services": _services(),
        "last runs": [_run(one) for one in target.prefect().newest_runs(5)],
        "layers": layers,
        "watermarks": watermarks,
    }


def _services() -> list[dict[str, Any]]:
    found = [one for one in services() if one["Service"] != "flow-run"]
    used = memory([one["Name"] for one in found if one["State"] == "running"])
    return [
        {
            "service": one["Service"],
            "health": "done" if _is_done(one) else one["Health"] or one["State"],
            "memory": used.get(one["Name"], ""),
        }
        for one in sorted(found, key=lambda one: one["Service"])
    ]


def _is_done(container: dict[str, Any]) -> bool:
    return container["State"] == "exited" and container["ExitCode"] == 0


def _run(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "run": run["name"],
        "state": run["state_name"],
        "started": (run["start_time"] or "")[:19],
        "seconds": round(run["total_run_time"], 1),
    }
