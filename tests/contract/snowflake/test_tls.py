"""HTTPS beside HTTP, with a certificate of the server's own."""

from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.errors import OperationalError

from tests.contract.snowflake.server import LocalSnowflake
from tests.contract.snowflake.sql import Sql


@pytest.fixture
def https(local_snowflake: LocalSnowflake) -> dict[str, Any]:
    """Arguments of a connection over HTTPS."""
    return {"protocol": "https", "port": local_snowflake.tls_port}


def test_https_answers_a_client_that_trusts_the_certificate(
    local_snowflake: LocalSnowflake,
    https: dict[str, Any],
    schema: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusted, file, fetched = (tmp_path / name for name in ("trusted.pem", "rows.csv", "fetched"))
    trusted.write_bytes(local_snowflake.certificate())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    file.write_text("1\n")
    fetched.mkdir()

    sql = Sql(local_snowflake.connect(schema=schema, **https))
    sql("create stage files")
    assert sql(f"put file://{file} @files auto_compress = false")[0][6] == "UPLOADED"
    sql(f"get @files file://{fetched}")
    sql.connection.close()

    assert (fetched / file.name).read_text() == "1\n"


def test_a_client_that_does_not_trust_the_certificate_refuses_it(
    local_snowflake: LocalSnowflake, https: dict[str, Any]
) -> None:
    with pytest.raises(OperationalError, match="certificate verify failed"):
        local_snowflake.connect(**https)


def test_the_key_is_for_the_server_alone(local_snowflake: LocalSnowflake) -> None:
    assert (local_snowflake.data / "tls.key").stat().st_mode & 0o777 == 0o600
