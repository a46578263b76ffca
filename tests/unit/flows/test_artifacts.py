"""A report's line on how its run was started."""

from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from flows.artifacts import started_by

DUE = datetime(2026, 11, 29, 5, tzinfo=UTC)


def without_events(request):
    """A server that has stored no event, and knows no tokens against other pages."""
    if request.url.path.endswith("/events/filter"):
        return httpx.Response(200, json={"events": [], "total": 0, "next_page": None})
    return httpx.Response(404)


def created_by(kind, name):
    return {"id": uuid4(), "type": kind, "display_value": name}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "from the command line"),
        ({"deployment_id": uuid4()}, "from Prefect's page or API"),
        (
            {"deployment_id": uuid4(), "created_by": created_by("SCHEDULE", "hourly")},
            "by schedule `hourly`, due 2026-11-29 05:00:00 UTC",
        ),
        (
            {"deployment_id": uuid4(), "created_by": created_by("AUTOMATION", "gold-after-silver")},
            "by an event, through automation `gold-after-silver`",
        ),
    ],
)
def test_a_run_is_started_by_a_person_a_schedule_or_an_automation(fields, says):
    run = FlowRun(flow_id=uuid4(), expected_start_time=DUE, **fields)
    transport = {"transport": httpx.MockTransport(without_events)}
    with SyncPrefectClient("http://prefect.test/api", httpx_settings=transport) as client:
        assert started_by(run, client) == says
