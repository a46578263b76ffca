"""The local Snowflake as a child process, for tests of any tier (list it in `pytest_plugins`)."""

import gzip
import json
import os
import signal
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import snowflake.connector
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from snowflake.connector import SnowflakeConnection

from local.embedded.children import Child, Children, ChildSpec, free_ports

USER, PASSWORD = "PIPELINE", "correct horse battery"
BUCKET = "landing"
INIT = "mocks/snowflake/init.sql"
SUBJECT_INFO = PublicFormat.SubjectPublicKeyInfo


@dataclass
class LocalSnowflake:
    """A running server: where it listens, where its data lies, how to log in."""

    child: Child
    port: int
    tls_port: int
    data: Path
    environment: dict[str, str] = field(default_factory=dict)

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """Arguments of `snowflake.connector.connect`, as the pipeline uses them."""
        return {
            "account": "local",
            "host": "127.0.0.1",
            "port": self.port,
            "protocol": "http",
            "user": USER,
            "password": PASSWORD,
            "database": "CANTON",
            "schema": "BRONZE",
            "platform_detection_timeout_seconds": 0,
            "login_timeout": 10,
            "network_timeout": 60,
            "session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
            **changes,
        }

    def connect(self, **changes: Any) -> SnowflakeConnection:
        """A session; the caller closes it."""
        return snowflake.connector.connect(**self.parameters(**changes))

    def certificate(self) -> bytes:
        """The certificate that its HTTPS has."""
        url = f"http://127.0.0.1:{self.port}/certificate"
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read()

    def post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """The answer to a request as the connector makes them."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=gzip.compress(json.dumps(body).encode()),
            headers={"Content-Encoding": "gzip", "Authorization": f'Snowflake Token="{token}"'},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 -- our own server
            return json.load(answer)

    @contextmanager
    def stopped(self) -> Generator[None]:
        """It stands still meanwhile; the kernel keeps what is sent to it."""
        os.killpg(self.child.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.child.process.pid, signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.child.process.terminate()
        return self.child.process.wait(10)

    def kill(self) -> None:
        """End it as a power cut would."""
        os.killpg(self.child.process.pid, signal.SIGKILL)
        self.child.process.wait(10)


def start(children: Children, data: Path, *arguments: str, **environment: str) -> LocalSnowflake:
    """A server on a free port, ready."""
    port, tls_port = free_ports(2)
    settings = {
        "LOCAL_SNOWFLAKE_USER": USER,
        "LOCAL_SNOWFLAKE_PASSWORD": PASSWORD,
        "LANDING_BUCKET": BUCKET,
        **environment,
    }
    spec = ChildSpec(
        f"snowflake-{port}",
        "mocks.snowflake",
        (
            *("--data", str(data), "--port", str(port), "--tls-port", str(tls_port)),
            *("--init", INIT, *arguments),
        ),
        env=settings,
        ready_url=f"http://127.0.0.1:{port}/health",
    )
    child = children.start(spec)
    children.wait_ready(child)
    return LocalSnowflake(child, port, tls_port, data, settings)


@pytest.fixture(scope="session")
def s3_settings(s3_endpoint: str) -> dict[str, str]:
    """The standard variables of an S3 with the landing bucket."""
    settings = {
        "AWS_ENDPOINT_URL_S3": s3_endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    s3_client(settings).create_bucket(Bucket=BUCKET)
    return settings


def s3_client(settings: dict[str, str]) -> Any:
    """A client of the S3 that the settings name."""
    return boto3.client(
        "s3",
        endpoint_url=settings["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        region_name=settings["AWS_REGION"],
    )


@pytest.fixture(scope="session")
def key_pair() -> rsa.RSAPrivateKey:
    """The key that may log in beside the password."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def local_snowflake(
    children: Children,
    tmp_path_factory: pytest.TempPathFactory,
    s3_settings: dict[str, str],
    key_pair: rsa.RSAPrivateKey,
) -> LocalSnowflake:
    """One server for the whole session; tests keep to schemas of their own."""
    folder = tmp_path_factory.mktemp("snowflake")
    public = folder / "key.pub"
    public.write_bytes(key_pair.public_key().public_bytes(Encoding.PEM, SUBJECT_INFO))
    environment = {**s3_settings, "LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE": str(public)}
    return start(children, folder / "data", **environment)


@pytest.fixture(scope="session")
def snowflake_server(local_snowflake: LocalSnowflake) -> dict[str, Any]:
    """Connect parameters of the session's server."""
    return local_snowflake.parameters()


@pytest.fixture
def connect(local_snowflake: LocalSnowflake) -> Iterator[Callable[..., SnowflakeConnection]]:
    """Opens sessions on the session's server, and closes them."""
    opened: list[SnowflakeConnection] = []

    def open_session(**changes: Any) -> SnowflakeConnection:
        opened.append(local_snowflake.connect(**changes))
        return opened[-1]

    yield open_session
    for connection in opened:
        connection.close()
