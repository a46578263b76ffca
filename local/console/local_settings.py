"""The settings that point clients on this machine at local services and at nothing else."""

import os
from collections.abc import Mapping, MutableMapping

from deployments.silence import silent_variables

BUCKET = "canton-landing"
WAREHOUSE_USER = "pipeline"

# Settings of a person's cloud accounts; none of them may reach what runs here.
_FOREIGN = ("AWS_", "SNOWFLAKE_", "LANDING_", "SLACK_", "PREFECT_")


def foreign_free(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without a person's cloud settings, and with what keeps each part silent.

    Loopback is off any proxy.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith(_FOREIGN)}
    direct = ",".join(filter(None, (environment.get("NO_PROXY"), "127.0.0.1", "localhost")))
    return {**kept, **silent_variables(), "NO_PROXY": direct, "no_proxy": direct}


def forget_accounts(environment: MutableMapping[str, str]) -> None:
    """Take a person's cloud settings out of this process's own environment.

    boto3 reads them there, whatever keys it is given: a profile that isn't here stops it.
    """
    for name in [one for one in environment if one.startswith(_FOREIGN)]:
        del environment[name]


def s3_settings(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "LANDING_BUCKET": BUCKET,
    }


def warehouse_settings(port: int, password: str) -> dict[str, str]:
    return {
        "SNOWFLAKE_ACCOUNT": "local",
        "SNOWFLAKE_HOST": "127.0.0.1",
        "SNOWFLAKE_PORT": str(port),
        "SNOWFLAKE_PROTOCOL": "http",
        "SNOWFLAKE_USER": WAREHOUSE_USER,
        "SNOWFLAKE_PASSWORD": password,
    }
