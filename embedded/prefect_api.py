"""What `make run` asks Prefect's server: how long each layer took, and what an earlier run left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from services.adapters.tls import trusted

LAYERS = {
    "canton-transactions-bronze": "bronze",
    "canton-transactions-silver": "silver",
    "canton-transactions-gold": "gold",
}


@dataclass(frozen=True)
class LayerRun:
    """A layer's newest flow run."""

    layer: str
    run_id: str
    state: str
    seconds: float


class PrefectApi:
    """A client of one server's REST API (``/api/flow_runs/filter`` and friends)."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(
            base_url=f"{url}/api", timeout=30, trust_env=False, verify=trusted()
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def crash_left_over_runs(self, started_before: datetime) -> int:
        """Mark runs that a killed `make run` left behind; nothing of them can still be running."""
        unfinished = {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}
        before = {"before_": started_before.isoformat()}
        left = self._runs({"flow_runs": {"state": unfinished, "start_time": before}})
        for run in left:
            state = {"type": "CRASHED", "message": "the process that ran it was ended"}
            self._post(f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True})
        return len(left)

    def layer_runs(self) -> list[LayerRun]:
        """The newest run of each layer, in the layers' order."""
        found: list[LayerRun] = []
        for flow, layer in LAYERS.items():
            wanted = {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_DESC", "limit": 1}
            for run in self._runs(wanted):
                seconds = float(run["total_run_time"])
                found.append(LayerRun(layer, run["id"], run["state_name"], seconds))
        return found

    def _runs(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        return self._post("/flow_runs/filter", wanted)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()
