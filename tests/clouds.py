"""An environment of the cloud that could be deployed: prod without its examples."""

import json
from pathlib import Path
from typing import Any

from cloud.infra.digest import digest
from cloud.infra.settings import STACKS, Settings, read_settings, validated
from cloud.outputs import Outputs, outputs_file, placeholder_outputs
from cloud.plan.beside_local import Comparison
from cloud.plan.command import PlanInputs
from cloud.plan.records import Records
from cloud.plan.source import Source

ACCOUNT = "210987654321"
DIGEST = f"sha256:{'ab' * 32}"
NO_GRAPH = '{"outputs": {}, "resources": []}'
OWN: dict[str, dict[str, Any]] = {
    "stack": {"account_id": ACCOUNT},
    "landing": {"bucket": f"canton-prod-landing-{ACCOUNT}"},
    "canton": {"base_url": "https://scan.sv.canton.network/api/scan", "network": "12202652aabb"},
    "tasks": {"image_digest": DIGEST},
    "snowflake": {
        "organization": "ACME",
        "pipeline_public_key": "MIIBIjANBg",
        "migration_public_key": "MIIBIjANBg",
    },
    "alarms": {
        "emails": ["canton@acme.com"],
        "slack": {"workspace_id": "T0ACME", "channel_id": "C0ACME"},
    },
}
OWN_API = {"admin_cidrs": ["10.61.16.0/20"]}

# A stack without a server of its own; the addresses are no workspace's.
PREFECT_CLOUD = {
    "kind": "cloud",
    "api_url": "https://api.prefect.cloud/api/accounts/EXAMPLE/workspaces/EXAMPLE",
    "page_url": "https://app.prefect.cloud/account/EXAMPLE/workspace/EXAMPLE",
}


def changed(settings: Settings, **sections: dict[str, Any]) -> Settings:
    """Settings with some values of some sections changed."""
    values = settings.model_dump(mode="json")
    for section, changes in sections.items():
        values[section] |= changes
    return validated(values)


def all_stacks() -> dict[str, Settings]:
    """Every stack of the repository, and one whose Prefect is Prefect Cloud."""
    stacks = {name: read_settings(name) for name in STACKS}
    on_cloud = changed(stacks["prod"], prefect={"api": PREFECT_CLOUD})
    return {**stacks, "prod on Prefect Cloud": on_cloud}


def own_settings(**sections: dict[str, Any]) -> Settings:
    """Return the settings of prod as somebody would fill them in."""
    prod = read_settings("prod")
    api = prod.model_dump(mode="json")["prefect"]["api"] | OWN_API
    return changed(changed(prod, **OWN, prefect={"api": api}), **sections)


def made_outputs(settings: Settings) -> Outputs:
    """Return outputs as the infrastructure program would export them for `NO_GRAPH`."""
    return placeholder_outputs(settings).model_copy(update={"graph": digest(NO_GRAPH)})


def source(commit: str = "c0ffee", image_inputs: str = "f00d", *uncommitted: str) -> Source:
    """A working copy."""
    return Source(commit * 6, uncommitted, image_inputs * 16, "Ada <ada@acme.com>", "ada@laptop")


def here(
    folder: Path, settings: Settings, outputs: Outputs | None = None, **others: Any
) -> PlanInputs:
    """Return the inputs of a plan, with the outputs and records in a folder."""
    said = (outputs or made_outputs(settings)).model_dump(mode="json")
    outputs_file(settings.stack_name, folder).write_text(json.dumps(said))
    given: dict[str, Any] = {
        "settings": settings,
        "source": source(),
        "records": Records(settings.stack_name, folder / "cloud/records"),
        "outputs_folder": folder,
        "record_graph": lambda _: NO_GRAPH,
        "compare": lambda *_: Comparison(),
    }
    return PlanInputs(**{**given, **others})
