"""Values that a person may turn on the server: made once, and then theirs."""

from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, VariableCreate

from deployments.server import if_any
from flows.approvals import LIMITS_VARIABLE, ApprovalLimits
from flows.gold_transactions import RATE_VARIABLE
from flows.scan_steps import SCAN_TAG
from services.parameters import DEFAULT_USD_RATE

# The rate is text, not a number: JSON's numbers are floats.
VARIABLES: dict[str, Any] = {
    RATE_VARIABLE: str(DEFAULT_USD_RATE),
    LIMITS_VARIABLE: ApprovalLimits().model_dump(),
}

# Pages that all runs together may be fetching. Each run fetches one after the other, so this is how
# many runs read the Scan at once: bronze or the pipeline, and a backfill.
LIMITS = {f"tag:{SCAN_TAG}": 2}


def ensure_variables(client: SyncPrefectClient) -> None:
    for name, value in VARIABLES.items():
        if client.read_variable_by_name(name) is None:
            client.create_variable(VariableCreate(name=name, value=value))


def ensure_limits(client: SyncPrefectClient) -> None:
    for name, limit in LIMITS.items():
        if if_any(client.read_global_concurrency_limit_by_name, name) is None:
            client.create_global_concurrency_limit(
                GlobalConcurrencyLimitCreate(name=name, limit=limit)
            )
