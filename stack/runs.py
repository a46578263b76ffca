"""Runs of the deployed pipeline: started, followed, told."""

import time
from collections.abc import Mapping
from typing import Any

from console.commands import ledger_network
from console.errors import CommandFailed
from console.prefect_api import PrefectApi
from console.report import print_report, slack_messages
from stack.running import Running, running

PIPELINE = "pipeline"
POLL_SECONDS = 0.5
_CHATTER = ("Beginning ", "Finished in state", "Worker ", "Opening process", "Downloading ")
_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def trigger(_: Mapping[str, str]) -> int:
    """Run the pipeline on the stack, follow it with its log, and show gold."""
    target = running()
    api = target.prefect()
    deployment = next((one for one in api.deployments() if one["name"] == PIPELINE), None)
    if deployment is None:
        raise CommandFailed("the pipeline is not deployed: make up")
    seen = max((int(one["id"]) for one in slack_messages(target.url("slack"), 0)), default=0)
    run = api.create_run(deployment["id"])
    print(f"run {run['name']}: {target.url('prefect')}/runs/flow-run/{run['id']}", flush=True)
    run = follow(api, run["id"])
    messages = slack_messages(target.url("slack"), after=seen)
    if run["state_type"] != "COMPLETED":
        print(f"{run['state_name']}: {run['state'].get('message') or ''}")
        return 1
    network = ledger_network(target.url("scan"))
    print_report(target.warehouse(), network, api.layer_runs(), messages)
    return 0


def follow(api: PrefectApi, run_id: str) -> dict[str, Any]:
    """Print what a run and its subflows log until it ends; the run as it ended."""
    shown = 0
    while True:
        run = api.run(run_id)
        has_ended = run["state_type"] in _ENDED
        ids = [run_id, *(one["id"] for one in api.subruns(run_id))]
        while lines := api.logs(ids, shown):
            for line in lines:
                if not line["message"].startswith(_CHATTER):
                    print(_text(line), flush=True)
            shown += len(lines)
        if has_ended:
            return run
        time.sleep(POLL_SECONDS)


def print_logs(target: Running, name: str) -> int:
    """What the newest run of this name logged."""
    api = target.prefect()
    runs = api.runs_named(name)
    if not runs:
        raise CommandFailed(f"no run is named {name}: make status tells the last ones")
    ids = [runs[0]["id"], *(one["id"] for one in api.subruns(runs[0]["id"]))]
    shown = 0
    while lines := api.logs(ids, shown):
        print("\n".join(map(_text, lines)))
        shown += len(lines)
    return 0


def _text(line: dict[str, Any]) -> str:
    return f"{line['timestamp'][11:19]} | {line['message']}"
