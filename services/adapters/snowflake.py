"""The warehouse: sessions, transactions, and Snowflake's errors in our words.

The same class talks to a Snowflake account and to the local one; only connection values differ.
"""

import json
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

import snowflake.connector
from snowflake.connector import DictCursor, SnowflakeConnection
from snowflake.connector.auth import AuthByDefault
from snowflake.connector.constants import FIELD_NAME_TO_ID
from snowflake.connector.errors import Error, InterfaceError, OperationalError, ProgrammingError

from services.errors import (
    PipelineError,
    StorageFull,
    WarehouseRefused,
    WarehouseUnavailable,
)
from services.settings import SnowflakeSettings

Row = dict[str, Any]

_LOCKED = 625  # "Statement aborted because … was in the way": lock timeout or deadlock
_ABORTED = 615  # "Transaction … was aborted": it was idle and in the way of another one
_TIMED_OUT = 604
# The session no longer exists, or its tokens have expired: what was under way is rolled back, and
# whether a COMMIT was carried out is not known. Another session can go on.
_SESSION_GONE = {390111, 390112, 390114}
_PASSING = {_LOCKED, _ABORTED, _TIMED_OUT, *_SESSION_GONE}
_MISSING = 2003  # "… does not exist or not authorized"
_FIELDS = {("success",), ("data",)}  # that the connector looks for in an answer, be it empty
_NESTED = {FIELD_NAME_TO_ID[name] for name in ("VARIANT", "OBJECT", "ARRAY")}
_ADDRESS = "\nDo SNOWFLAKE_HOST and SNOWFLAKE_PORT answer?"
_HOLDER = (
    "make sql Q='show locks' shows which transaction holds the lock;"
    " make sql Q='select system$abort_transaction(ID)' rolls it back."
)
_BAD_LOGIN = {390100, 390144, 390422, 250001}


class Session:
    """One connection to the warehouse, in UTC.

    Statements outside `transaction` commit by themselves.
    """

    def __init__(self, connection: SnowflakeConnection) -> None:
        self._connection = connection

    @property
    def connection(self) -> SnowflakeConnection:
        """The connector's own object, for Snowpark."""
        return self._connection

    def query(self, sql: str, values: dict[str, Any] | None = None) -> list[Row]:
        """The rows of a statement, as dicts with lower-case names; VARIANT values are parsed.

        Args:
            sql: One statement with ``%(name)s`` for values.
            values: Python values by name.
        """
        with self._run(sql, values) as cursor:
            nested = {field.name for field in cursor.description if field.type_code in _NESTED}
            return [
                {
                    name.lower(): json.loads(value) if value and name in nested else value
                    for name, value in row.items()
                }
                for row in cursor.fetchall()
            ]

    def execute(self, sql: str, values: dict[str, Any] | None = None) -> int:
        """Run a statement; how many rows it changed."""
        with self._run(sql, values) as cursor:
            return cursor.rowcount or 0

    @contextmanager
    def transaction(
        self, *, is_committed: Callable[[], bool], run_id: str | None = None
    ) -> Generator[None]:
        """Everything inside commits together or not at all; any error rolls back.

        Args:
            is_committed: Called when the answer to COMMIT was lost; looks the batch up in a session
                of its own.
            run_id: The flow run whose transaction it is; one that an earlier attempt of the same
                run left open is rolled back first, with its locks.

        Raises:
            WarehouseUnavailable: The answer to COMMIT was lost, and the batch is not there.
        """
        name = _transaction_name(run_id) if run_id else None
        if name:
            self._abort_transactions(name)
        self.execute(f"begin transaction name {name}" if name else "begin transaction")
        try:
            yield
        except BaseException:
            # The server rolls an unfinished transaction back when the session ends in any case.
            with suppress(PipelineError):
                self.execute("rollback")
            raise
        self._commit(is_committed)

    def close(self) -> None:
        """End the session; an open transaction is rolled back."""
        with suppress(Error):
            self._connection.close()

    def _commit(self, is_committed: Callable[[], bool]) -> None:
        try:
            self.execute("commit")
        except WarehouseUnavailable as error:
            self.close()
            if not is_committed():
                raise WarehouseUnavailable(f"COMMIT was not carried out: {error}") from error

    def _abort_transactions(self, name: str) -> None:
        """Roll back open transactions of this name, which a user may do for their own sessions.

        SHOW TRANSACTIONS has a transaction's name, but not the query tag of its session.
        """
        for row in self.query("show transactions"):
            if row["name"].lower() == name:
                self.execute(f"select system$abort_transaction({int(row['id'])})")

    @contextmanager
    def _run(self, sql: str, values: dict[str, Any] | None) -> Generator[DictCursor]:
        with translated(" ".join(sql.split())[:80]), self._connection.cursor(DictCursor) as cursor:
            cursor.execute(sql, values)
            yield cursor


class Warehouse:
    """Opens sessions; see `services.settings.SnowflakeSettings` for the values."""

    def __init__(self, settings: SnowflakeSettings, *, query_tag: str) -> None:
        self._settings = settings
        self._query_tag = query_tag

    @contextmanager
    def session(self) -> Generator[Session]:
        """A fresh session, ended on the way out.

        Raises:
            WarehouseUnavailable: Nobody answers at the address.
            WarehouseRefused: Wrong user, password, key or account.
        """
        session = Session(self._connect())
        try:
            yield session
        finally:
            session.close()

    def check(self, stage: str) -> None:
        """Prove that we may log in and that the stage is there.

        Raises:
            WarehouseRefused: There is no such stage.
        """
        schema, _, name = stage.partition(".")
        with self.session() as session:
            if not session.query(f"show stages like '{name}' in schema {schema}"):
                raise WarehouseRefused(
                    f"stage {stage} does not exist in database {self._settings.database}:"
                    " infrastructure makes it, see SNOWFLAKE_DATABASE"
                )

    def _connect(self) -> SnowflakeConnection:
        settings = self._settings
        address = f"{settings.protocol}://{settings.host}:{settings.port}"
        with translated(
            f"login as {settings.user} at {address if settings.host else settings.account}"
        ):
            return snowflake.connector.connect(
                account=settings.account,
                user=settings.user,
                database=settings.database,
                warehouse=settings.warehouse,
                role=settings.role,
                login_timeout=settings.login_timeout_seconds,
                # Longer than a statement may take: the server ends it first, with an error.
                network_timeout=settings.statement_timeout_seconds + 60,
                # Or the connector asks three clouds' metadata services who they are.
                platform_detection_timeout_seconds=0,
                session_parameters=self._session_parameters(),
                **self._address(),
                **self._credentials(),
            )

    def _session_parameters(self) -> dict[str, Any]:
        return {
            "TIMEZONE": "UTC",
            "QUERY_TAG": self._query_tag,
            "LOCK_TIMEOUT": self._settings.lock_timeout_seconds,
            "STATEMENT_TIMEOUT_IN_SECONDS": self._settings.statement_timeout_seconds,
            "ABORT_DETACHED_QUERY": True,
            "CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False,
        }

    def _address(self) -> dict[str, Any]:
        if not self._settings.host:
            return {}
        return {
            "host": self._settings.host,
            "port": self._settings.port,
            "protocol": self._settings.protocol,
        }

    def _credentials(self) -> dict[str, Any]:
        key, passphrase = self._settings.private_key_path, self._settings.private_key_passphrase
        if key:
            return {
                "authenticator": "SNOWFLAKE_JWT",
                "private_key_file": str(key),
                "private_key_file_pwd": passphrase.get_secret_value() if passphrase else None,
            }
        if pem := self._settings.private_key:
            return {"authenticator": "SNOWFLAKE_JWT", "private_key": _der(pem.get_secret_value())}
        password = self._settings.password.get_secret_value() if self._settings.password else ""
        login = AuthByDefault(password, timeout=self._settings.login_timeout_seconds)
        # Or a server that accepts and says nothing takes a minute. A socket timeout of the whole
        # connection would also end statements, which Snowflake answers after up to 45 seconds.
        login._socket_timeout = self._settings.login_timeout_seconds  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue] -- as the connector's own key-pair login has it
        return {"password": password, "auth_class": login}


def _transaction_name(run_id: str) -> str:
    """A flow run's transactions by an identifier that needs no quotes."""
    return f"run_{re.sub(r'[^0-9a-z]', '_', run_id.lower())}"


def _der(pem: str) -> str:
    """The key in a PEM text as the connector takes it: base64, without the lines around it."""
    lines = (line.strip() for line in pem.splitlines())
    return "".join(line for line in lines if not line.startswith("-----"))


@contextmanager
def translated(operation: str) -> Generator[None]:
    """Snowflake's errors as ours, each naming the operation; an answer without content is one."""
    try:
        yield
    except Error as error:
        raise _explain(operation, error) from error
    except KeyError as error:
        if error.args not in _FIELDS:
            raise
        raise WarehouseUnavailable(
            f"{operation}: no answer came from the warehouse.{_ADDRESS}"
        ) from error


def _explain(operation: str, error: Error) -> PipelineError:
    message = f"{operation}: {' '.join(str(error.msg).split())}"
    if "No space left on device" in message:
        return StorageFull(message)
    if error.errno in _BAD_LOGIN and "Could not connect" not in message:
        return WarehouseRefused(
            f"{message}\nCheck SNOWFLAKE_USER and SNOWFLAKE_PASSWORD or SNOWFLAKE_PRIVATE_KEY."
        )
    if error.errno in _PASSING:
        hint = f"\n{_HOLDER}" if error.errno == _LOCKED else ""
        return WarehouseUnavailable(f"{message}{hint}")
    if isinstance(error, ProgrammingError):
        return WarehouseRefused(message)
    if isinstance(error, OperationalError | InterfaceError):
        return WarehouseUnavailable(f"{message}{_ADDRESS}")
    return WarehouseRefused(message)
