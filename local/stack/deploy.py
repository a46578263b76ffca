"""Makes the stack's services ready for the pipeline: bucket, tables, and all of Prefect's server.

    python -m local.stack.deploy

Safe to run again: everything is made or brought up to date, nothing twice. In the cloud, the same
is the work of the infrastructure program.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any

import boto3

from deployments.apply import PrefectConfig, apply
from deployments.containers import FLOW_RUN, secrets
from deployments.deployments import read_deployments
from deployments.server import opened_here
from flows.server import wait_for_server
from local.stack.pool import TYPE, docker_pool
from services.errors import STATE_REFUSED, WarehouseOfAnotherVersion
from services.migrate import migrate
from services.settings import read_snowflake
from services.wiring import open_warehouse

POOLS = {TYPE: TYPE, "control": "control"}


def main() -> None:
    make_bucket(os.environ["LANDING_BUCKET"])
    try:
        migrate(open_warehouse(read_snowflake()))
    except WarehouseOfAnotherVersion as refused:
        sys.exit(f"{STATE_REFUSED}{refused}")
    with opened_here() as client:
        wait_for_server(client)
        apply(client, read_config(os.environ, cores=os.cpu_count() or 1))


def read_config(environment: Mapping[str, str], cores: int) -> PrefectConfig:
    """The stack as Prefect's server should know it, on an engine with this many cores."""
    blocks = secrets(FLOW_RUN, TYPE)
    return PrefectConfig(
        pool=docker_pool(environment, cores),
        deployments=read_deployments(POOLS),
        secrets={block: environment[name] for name, block in blocks.items()},
        slack_url=environment["SLACK_WEBHOOK_URL"],
    )


def make_bucket(bucket: str) -> None:
    """The landing bucket: versioned and encrypted, as on AWS."""
    s3 = boto3.client("s3")
    if bucket not in {one.get("Name") for one in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rule: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


if __name__ == "__main__":
    main()
