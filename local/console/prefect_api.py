"""A client of Prefect's REST API: runs, their logs and times, and the tables they wrote."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx

from local.console.errors import CommandFailed
from services import catalog
from services.adapters.tls import trusted

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}  # states that a run ends in
LOG_LINES = 200  # the most that Prefect returns at once
LAYERS = {f"canton-transactions-{layer}": layer for layer in catalog.LAYERS}
"""The layer that each flow builds, by the flow's name."""


@dataclass(frozen=True)
class LayerRun:
    """A layer's newest flow run."""

    layer: str
    run_id: str
    state: str
    seconds: float


def _of_pool(pool: str, states: Collection[str]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "flow_runs": {
            "parent_task_run_id": {"is_null_": True},
            "state": {"type": {"any_": list(states)}},
            "expected_start_time": {"before_": now},
        },
        "work_pools": {"name": {"any_": [pool]}},
    }


class RetryTransport(httpx.BaseTransport):
    """Retries a request when the server's database is busy (503), as Prefect's client does.

    Nothing was written then, so any request can be retried. One that only reads is retried after
    any server error.
    """

    def __init__(
        self, transport: httpx.BaseTransport, waits: Sequence[float] = (0.2, 1, 3)
    ) -> None:
        """Wrap a transport; `waits` are the seconds before each further try."""
        self._transport = transport
        self._waits = waits

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_read = request.method == "GET" or request.url.path.endswith(("/filter", "/count"))
        for seconds in self._waits:
            response = self._transport.handle_request(request)
            is_busy = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
            if not (is_busy or (is_read and response.is_server_error)):
                return response
            response.close()
            time.sleep(seconds)
        return self._transport.handle_request(request)

    def close(self) -> None:
        self._transport.close()


class PrefectApi:
    """A client of one server's REST API (``/api/flow_runs/filter`` and friends)."""

    def __init__(self, url: str, auth: str = "", *, key: str = "") -> None:
        """A client; `auth` is ``name:password``, `key` a token, if the server needs one."""
        self._client = httpx.Client(
            base_url=f"{url}/api",
            auth=tuple(auth.split(":", 1)) if auth else None,  # pyright: ignore[reportArgumentType]
            headers={"Authorization": f"Bearer {key}"} if key else None,
            timeout=30,
            trust_env=False,
            transport=RetryTransport(httpx.HTTPTransport(verify=trusted())),
        )

    def close(self) -> None:
        self._client.close()

    def crash_left_over_runs(self, started_before: datetime) -> int:
        """Mark runs that a killed `make run` left behind; nothing of them can still be running."""
        unfinished = {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}
        before = {"before_": started_before.isoformat()}
        left = self._runs({"flow_runs": {"state": unfinished, "start_time": before}})
        for run in left:
            self.set_state(run["id"], "CRASHED", "the process that ran it was ended")
        return len(left)

    def set_state(self, run_id: str, kind: str, message: str) -> None:
        """Put a run into a state, whatever it is in."""
        state = {"type": kind, "message": message}
        self._post(f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})

    def deployments(self) -> list[dict[str, Any]]:
        return self._post("/deployments/filter", {"sort": "NAME_ASC"})

    def deployment(self, name: str) -> str:
        """The id of a deployment; raises `CommandFailed` where there is none."""
        for found in self.deployments():
            if found["name"] == name:
                return found["id"]
        raise CommandFailed(f"{name} is not deployed: make up")

    def create_run(
        self,
        deployment_id: str,
        parameters: Mapping[str, Any],
        job_variables: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A run of a deployment, from now on; `job_variables` are its pool's, for it alone.

        Raises:
            CommandFailed: The server refuses the parameters; holds its reason.
        """
        body = {"parameters": dict(parameters), "job_variables": dict(job_variables or {})}
        try:
            return self._post(f"/deployments/{deployment_id}/create_flow_run", body)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != HTTPStatus.CONFLICT:
                raise
            why = error.response.json()["detail"]
            raise CommandFailed(f"Prefect refuses the parameters: {why}") from None

    def set_tags(self, run_id: str, tags: Sequence[str]) -> None:
        """Give a run these tags and no others, not even its deployment's."""
        self._client.patch(f"/flow_runs/{run_id}", json={"tags": list(tags)}).raise_for_status()

    def job_defaults(self, pool: str) -> dict[str, Any]:
        """Return the default of each job variable of a work pool, by variable."""
        found = self._client.get(f"/work_pools/{pool}").raise_for_status().json()
        variables = found["base_job_template"]["variables"]["properties"]
        return {name: one.get("default") for name, one in variables.items()}

    def cancel(self, run_id: str) -> None:
        """Request a run's cancellation, as Prefect's page does; its worker ends it."""
        self._post(f"/flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLING"}})

    def run(self, run_id: str) -> dict[str, Any]:
        return self._client.get(f"/flow_runs/{run_id}").raise_for_status().json()

    def flow_name(self, run: Mapping[str, Any]) -> str:
        return self._client.get(f"/flows/{run['flow_id']}").raise_for_status().json()["name"]

    def states(self, run_id: str) -> list[dict[str, Any]]:
        answer = self._client.get("/flow_run_states/", params={"flow_run_id": run_id})
        return sorted(answer.raise_for_status().json(), key=lambda one: one["timestamp"])

    def delete(self, path: str) -> None:
        """Delete a thing; it may be gone already."""
        answer = self._client.delete(path)
        if answer.status_code != HTTPStatus.NOT_FOUND:
            answer.raise_for_status()

    def newest_runs(self, pool: str, count: int) -> list[dict[str, Any]]:
        """The newest runs of a work pool, subflows apart."""
        return self._runs(
            {
                "flow_runs": {"parent_task_run_id": {"is_null_": True}},
                "work_pools": {"name": {"any_": [pool]}},
                "sort": "EXPECTED_START_TIME_DESC",
                "limit": count,
            }
        )

    def runs_in(
        self, pool: str, states: Collection[str], sort: str, count: int
    ) -> list[dict[str, Any]]:
        """Runs of a work pool in one of some states, subflows apart; none that are yet to come."""
        return self._runs({**_of_pool(pool, states), "sort": sort, "limit": count})

    def count_in(self, pool: str, states: Collection[str]) -> int:
        """Return how many runs `runs_in` would find without a limit."""
        return self._post("/flow_runs/count", _of_pool(pool, states))

    def recent_runs(self, count: int) -> list[dict[str, Any]]:
        """The newest runs of all, those of subflows too; none that are yet to come."""
        before = {"before_": datetime.now(UTC).isoformat()}
        due = {"flow_runs": {"expected_start_time": before}}
        return self._runs({**due, "sort": "EXPECTED_START_TIME_DESC", "limit": count})

    def flow_names(self) -> dict[str, str]:
        return {one["id"]: one["name"] for one in self._post("/flows/filter", {})}

    def waiting_runs(self, since: datetime) -> tuple[int, list[dict[str, Any]]]:
        """The number of runs that should have started before a time and haven't, and the oldest."""
        waits = {"type": {"any_": ["SCHEDULED", "PENDING"]}}
        before = {"before_": since.isoformat()}
        filters = {"flow_runs": {"state": waits, "expected_start_time": before}}
        oldest = self._runs({**filters, "sort": "EXPECTED_START_TIME_ASC", "limit": 1})
        return self._post("/flow_runs/count", filters), oldest

    def runs_named(self, name: str) -> list[dict[str, Any]]:
        """Runs of this name, the newest first."""
        filters = {"name": {"any_": [name]}}
        return self._runs({"flow_runs": filters, "sort": "START_TIME_DESC"})

    def subruns(self, run_id: str) -> list[dict[str, Any]]:
        return self._runs({"flow_runs": {"parent_flow_run_id": {"any_": [run_id]}}})

    def logs(self, run_ids: list[str], after: datetime, offset: int = 0) -> list[dict[str, Any]]:
        """Return the lines that these runs logged after a time, oldest first, 200 at most."""
        filters = {
            "flow_run_id": {"any_": run_ids},
            "timestamp": {"after_": after.isoformat()},
        }
        page = {"sort": "TIMESTAMP_ASC", "offset": offset, "limit": LOG_LINES}
        return self._post("/logs/filter", {"logs": filters, **page})

    def set_schedules(self, deployment: dict[str, Any], *, is_active: bool) -> None:
        """Let a deployment's schedules run, or rest."""
        for schedule in deployment["schedules"]:
            path = f"/deployments/{deployment['id']}/schedules/{schedule['id']}"
            self._client.patch(path, json={"active": is_active}).raise_for_status()

    def layer_runs(self, since: str) -> list[LayerRun]:
        """The newest run of each layer that started since a time, in the layers' order."""
        found: list[LayerRun] = []
        for flow, layer in LAYERS.items():
            filters = {
                "flows": {"name": {"any_": [flow]}},
                "flow_runs": {"start_time": {"after_": since}},
                "sort": "START_TIME_DESC",
                "limit": 1,
            }
            for run in self._runs(filters):
                seconds = float(run["total_run_time"])
                found.append(LayerRun(layer, run["id"], run["state_name"], seconds))
        return found

    def materializations(self, prefixes: Sequence[str]) -> list[dict[str, Any]]:
        """The newest event of each asset whose key begins with one of these, 50 at most."""
        filters = {
            "event": {"name": ["prefect.asset.materialization.succeeded"]},
            "resource": {"id_prefix": list(prefixes), "distinct": True},
        }
        return self._post("/events/filter", {"filter": filters})["events"]

    def _runs(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        return self._post("/flow_runs/filter", body)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()


def api_at(url: str, settings: Mapping[str, str]) -> PrefectApi:
    """The API at PREFECT_API_URL, with the login that a place's settings or secrets hold."""
    return PrefectApi(
        url.rstrip("/").removesuffix("/api"),
        settings.get("PREFECT_API_AUTH_STRING", ""),
        key=settings.get("PREFECT_API_KEY", ""),
    )
