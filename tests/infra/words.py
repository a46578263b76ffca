"""The lines that flow runs and services write into their logs: our own, and Prefect's."""

import ast
import inspect
from pathlib import Path

from prefect import flow_engine
from prefect.cli._server_utils import generate_welcome_blurb
from prefect.client.schemas.objects import State, StateType
from prefect.workers.base import BaseWorker

FLOWS = Path(__file__).parents[2] / "flows"
LAYERS = ("silver", "gold")  # lines of flows/consume.py begin with the layer's name


def said_by_flows() -> str:
    """All of it as one text, with the templates filled in that the alarms wait for."""
    texts = [
        node.value
        for file in sorted(FLOWS.glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    ours = [text.replace("%s", layer, 1) for text in texts for layer in LAYERS]
    return "\n".join([*texts, *ours, *_said_by_prefect()])


def said_by_services() -> dict[str, str]:
    """The lines that Prefect's server and its workers print when they start."""
    started = 'printer(f"Worker {worker.name!r} started!")'
    workers = "Worker 'ecs' started!" if started in inspect.getsource(BaseWorker) else ""
    server = generate_welcome_blurb("http://server:4200", ui_enabled=True)
    return {"server": server, "workers": workers}


def _said_by_prefect() -> list[str]:
    source = inspect.getsource(flow_engine)
    states = [State(type=StateType.FAILED, name=name) for name in ("Failed", "TimedOut")]
    found = ["Beginning flow run"] if 'f"Beginning {run_type} run' in source else []
    if 'f"Finished in state {display_state}"' in source:
        found += [f"Finished in state {state}" for state in states]
    return found
