"""A local warehouse with a network that has gone through all layers, and the dashboard over it."""

import json
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mocks.canton_scan.ledger import open_ledger
from tests.integration.conftest import (  # noqa: F401 -- pytest finds fixtures here
    NOW,
    certificates,
    module_pipeline,
    scan_host,
    world,
)
from tests.integration.local_world import LocalWorld
from tests.integration.pipeline import Pipeline

PYTHON = Path(".venv/client-streamlit/bin/python")
COUNT = 300
GAP = 30_000_000  # microseconds between two updates on average

Shown = dict[str, Any]


@pytest.fixture(scope="module")
def pipeline(module_pipeline: Callable[..., Pipeline], tmp_path_factory: pytest.TempPathFactory):  # noqa: F811
    """A network of two and a half hours, which a page by minutes shows in full."""
    state = tmp_path_factory.mktemp("ledger") / "ledger.json"
    name = state.parent.name
    found = module_pipeline(open_ledger(state, name, history=COUNT, gap=GAP, clock=lambda: NOW))
    found.run()
    return found


@pytest.fixture(scope="module")
def show(
    world: LocalWorld,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Shown]]:
    """A function that renders the dashboard at an address, with settings changed; see show.py."""
    assert PYTHON.exists(), "Streamlit's environment is missing: make test-clients makes it"
    log = tmp_path_factory.mktemp("show") / "show.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [PYTHON, Path(__file__).with_name("show.py")],
            env=dict(world.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        yield partial(_show, process, log)


def _show(
    process: subprocess.Popen[str],
    log: Path,
    address: dict[str, str],
    *,
    inside: bool = False,
    **settings: str,
) -> Shown:
    request = {"address": address, "settings": settings, "inside": inside}
    assert process.stdin
    assert process.stdout
    print(json.dumps(request), file=process.stdin, flush=True)
    answer = process.stdout.readline()
    assert answer, f"see {log}"
    shown = json.loads(answer)
    assert shown["exception"] == []
    return shown
