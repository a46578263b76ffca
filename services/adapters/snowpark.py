"""Snowpark over a session that is already open, inside its transaction if there is one."""

from collections.abc import Generator
from contextlib import contextmanager

from snowflake.connector.errors import Error
from snowflake.snowpark import Session as Snowpark
from snowflake.snowpark.exceptions import SnowparkClientException

from services.adapters.snowflake import Session, translated
from services.errors import WarehouseRefused


@contextmanager
def snowpark(session: Session) -> Generator[Snowpark]:
    """DataFrames over a session's own connection; its errors become ours."""
    try:
        with translated("Snowpark"):
            # Not closed: that would end the connection, which is the session's.
            yield Snowpark.builder.configs({"connection": session.connection}).create()  # pyright: ignore[reportArgumentType] -- documented, typed too narrowly
    except SnowparkClientException as error:
        cause = getattr(error, "conn_error", None)
        if isinstance(cause, Error):
            with translated("Snowpark"):
                raise cause from error
        raise WarehouseRefused(f"Snowpark: {error.message}") from error
