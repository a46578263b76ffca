"""Makes the stack's services ready for the pipeline: bucket, tables, pools, blocks, deployments.

    python -m stack.deploy

Safe to run again: everything is made or brought up to date, nothing twice. In the cloud, the same
is the work of the infrastructure program.
"""

import json
import os
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import yaml
from dotenv import dotenv_values
from prefect.blocks.system import Secret
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound
from prefect_docker.worker import DockerWorker
from pydantic import SecretStr

from services.migrate import migrate
from services.settings import read_snowflake
from services.wiring import open_warehouse

POOL = Path(__file__).with_name("pool.yaml")
CONTROL = "control"
SECRETS = {"snowflake-password": "SNOWFLAKE_PASSWORD", "slack-webhook-url": "SLACK_WEBHOOK_URL"}


class PoolWrong(Exception):
    """pool.yaml sets what the worker doesn't know, or the pool is of another type."""


def main() -> None:
    """Make everything, in the order in which it is needed."""
    make_bucket(os.environ["LANDING_BUCKET"])
    migrate(open_warehouse(read_snowflake()))
    with get_client(sync_client=True) as client:
        ensure_pool(client, read_pool())
        ensure_control_pool(client)
    for block, variable in SECRETS.items():
        Secret(value=SecretStr(os.environ[variable])).save(block, overwrite=True)
    deploy = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    subprocess.run(deploy, check=True)


def read_pool() -> dict[str, Any]:
    """The docker pool as pool.yaml wants it; its runs are as silent as the services are."""
    pool = yaml.safe_load(POOL.read_text())
    pool["defaults"]["env"] |= dotenv_values("offline.env")
    return pool


def make_bucket(bucket: str) -> None:
    """The landing bucket: versioned and encrypted, as on AWS."""
    s3 = boto3.client("s3")
    if bucket not in {one.get("Name") for one in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rule: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def ensure_pool(client: SyncPrefectClient, wanted: dict[str, Any]) -> None:
    """The docker pool, with the worker's own template under our defaults.

    Raises:
        PoolWrong: A default is none of the worker's, or the pool there is of another type.
    """
    template = DockerWorker.get_default_base_job_template()
    known = template["variables"]["properties"]
    for name, value in wanted["defaults"].items():
        if name not in known:
            raise PoolWrong(f"{POOL}: the docker worker knows no {name}, but {sorted(known)}")
        known[name]["default"] = _filled(value)
    name, kind = wanted["name"], wanted["type"]
    try:
        pool = client.read_work_pool(name)
    except ObjectNotFound:
        client.create_work_pool(
            WorkPoolCreate(
                name=name,
                type=kind,
                base_job_template=template,
                description=wanted["description"],
            )
        )
        return
    if pool.type != kind:
        raise PoolWrong(f"pool {name} is of type {pool.type}, not {kind}: delete it")
    if pool.base_job_template != template:
        client.update_work_pool(name, WorkPoolUpdate(base_job_template=template))


def ensure_control_pool(client: SyncPrefectClient) -> None:
    """The pool for flows that must not depend on the flow image."""
    try:
        client.read_work_pool(CONTROL)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=CONTROL, type="process"))


def _filled(value: Any) -> Any:
    """The value with ``${NAME}`` replaced from the environment; a list if that is what it says."""
    if isinstance(value, dict):
        return {name: _filled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one) for one in value]
    if not isinstance(value, str):
        return value
    text = string.Template(value).substitute(os.environ)
    return json.loads(text) if text.startswith("[") else text


if __name__ == "__main__":
    main()
