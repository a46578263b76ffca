"""The lines that flow runs write into their log: our own, and Prefect's around them."""

import ast
import inspect
from pathlib import Path

from prefect import flow_engine
from prefect.client.schemas.objects import State, StateType

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


def _said_by_prefect() -> list[str]:
    source = inspect.getsource(flow_engine)
    states = [State(type=StateType.FAILED, name=name) for name in ("Failed", "TimedOut")]
    found = ["Beginning flow run"] if 'f"Beginning {run_type} run' in source else []
    if 'f"Finished in state {display_state}"' in source:
        found += [f"Finished in state {state}" for state in states]
    return found
