"""The local Snowflake for its clients, and what tells them where it is."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.contract.snowflake.server import (
    PASSWORD,
    USER,
    connect,
    key_pair,
    local_snowflake,
    s3_settings,
)

__all__ = ["connect", "key_pair", "local_snowflake", "s3_settings"]
ENVIRONMENTS = Path(".venv").absolute()
CONNECTIONS = """[default]
account = "local"
host = "127.0.0.1"
port = {port}
protocol = "http"
user = "{user}"
password = "{password}"
database = "CANTON"
schema = "{schema}"
"""


@pytest.fixture
def account(local_snowflake):
    """The variables that tell a program of ours where the server is, and who may log in."""
    return {
        "LOCAL_SNOWFLAKE_PORT": str(local_snowflake.port),
        "LOCAL_SNOWFLAKE_TLS_PORT": str(local_snowflake.tls_port),
        "LOCAL_SNOWFLAKE_USER": USER,
        "LOCAL_SNOWFLAKE_PASSWORD": PASSWORD,
    }


@pytest.fixture
def certificate(local_snowflake, tmp_path):
    """The file of the server's certificate, to be trusted."""
    file = tmp_path / "certificate.pem"
    file.write_bytes(local_snowflake.certificate())
    return str(file)


@pytest.fixture
def run_client(local_snowflake, account, connect, tmp_path):
    """Runs a program of a client's environment in a schema of its own; what it printed."""

    def run(client, program, *arguments, cwd=tmp_path, **environment):
        schema = client.upper()
        connect().cursor().execute(f"create schema if not exists canton.{schema}")
        connections = tmp_path / "connections.toml"
        connections.touch(0o600)
        connections.write_text(
            CONNECTIONS.format(
                port=local_snowflake.port, user=USER, password=PASSWORD, schema=schema
            )
        )
        places = {"HOME": str(tmp_path), "SNOWFLAKE_HOME": str(tmp_path)}
        done = subprocess.run(
            [ENVIRONMENTS / f"client-{client}" / "bin" / program, *arguments],
            cwd=cwd,
            env={"PATH": os.environ["PATH"], **places, **account, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    return run
