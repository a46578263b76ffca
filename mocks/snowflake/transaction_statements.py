"""BEGIN … NAME, SHOW TRANSACTIONS, SHOW LOCKS and SYSTEM$ABORT_TRANSACTION.

As on Snowflake without the role ACCOUNTADMIN: a user sees and ends the transactions of all their
own sessions, and nobody else's.
https://docs.snowflake.com/en/sql-reference/functions/system_abort_transaction
https://docs.snowflake.com/en/sql-reference/sql/show-locks
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from fakesnow.params import MutableParams
from sqlglot import Expr, exp

from mocks.snowflake.continuous import streams
from mocks.snowflake.errors import compilation, invalid
from mocks.snowflake.results import Result, rows, status
from mocks.snowflake.transactions import Label

if TYPE_CHECKING:
    from mocks.snowflake.locks import Owner
    from mocks.snowflake.session import Cursor, Session

_ABORT = "SYSTEM$ABORT_TRANSACTION"
_TRANSACTIONS = {
    "id": "BIGINT",
    "user": "VARCHAR",
    "session": "BIGINT",
    "name": "VARCHAR",
    "started_on": "TIMESTAMP",
    "state": "VARCHAR",
    "scope": "BIGINT",
}
_LOCKS = {
    "resource": "VARCHAR",
    "type": "VARCHAR",
    "transaction": "BIGINT",
    "transaction_started_on": "TIMESTAMP",
    "status": "VARCHAR",
}


def run_begin(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """BEGIN [TRANSACTION] [NAME name]."""
    modes = [str(mode) for mode in expression.args.get("modes") or ()]
    names = [mode[len("name ") :] for mode in modes if mode.lower().startswith("name ")]
    if not cursor.session.transaction.is_open:
        ends = streams.ends(cursor.session)  # may fail, and then nothing has begun
        cursor.session.transaction.begin(names[0].strip().upper() if names else "", ends)
    return status()


def is_show(expression: Expr) -> bool:
    """Tell whether a statement is SHOW TRANSACTIONS or SHOW LOCKS, which sqlglot doesn't parse."""
    return isinstance(expression, exp.Command) and _words(expression)[:2] in (
        ["SHOW", "TRANSACTIONS"],
        ["SHOW", "LOCKS"],
    )


def run_show(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """SHOW TRANSACTIONS and SHOW LOCKS, of the user's own sessions.

    Raises:
        StatementFailed: 3001 with IN ACCOUNT, which takes the role ACCOUNTADMIN.
    """
    _, what, *more = _words(expression)
    if more == ["IN", "ACCOUNT"]:
        raise compilation(3001, "42501", f"SHOW {what} IN ACCOUNT needs the role ACCOUNTADMIN.")
    if more:
        raise invalid(f"syntax error: unexpected '{' '.join(more)}' after SHOW {what}")
    found = list(_open_transactions(cursor.session))
    if what == "TRANSACTIONS":
        listed = [
            (label.id, session.identity.user, session.identity.session_id, label.name,
             _naive(label.started_on), "running", 0)
            for session, label in found
        ]  # fmt: skip
        return rows(tuple(_TRANSACTIONS), listed, tuple(_TRANSACTIONS.values()))
    labels: dict[Owner, Label] = {session.transaction: label for session, label in found}
    locks = [
        (table, "PARTITIONS", labels[owner].id, _naive(labels[owner].started_on),
         "HOLDING" if is_held else "WAITING")
        for table, owner, is_held in cursor.session.local.locks.held()
        if owner in labels
    ]  # fmt: skip
    return rows(tuple(_LOCKS), locks, tuple(_LOCKS.values()))


def is_abort(expression: Expr) -> bool:
    """Tell whether a statement is SELECT SYSTEM$ABORT_TRANSACTION(…)."""
    return _abort_call(expression) is not None


def run_abort(cursor: "Cursor", expression: Expr, _: MutableParams | None) -> Result:
    """SELECT SYSTEM$ABORT_TRANSACTION(id): roll back another session's transaction.

    Raises:
        StatementFailed: The id is no constant.
    """
    call = _abort_call(expression)
    arguments = call.expressions if call else []
    if len(arguments) != 1 or not arguments[0].name.isdecimal():
        raise invalid(f"{_ABORT} takes a constant: the id that SHOW TRANSACTIONS or SHOW LOCKS has")
    wanted = int(arguments[0].name)
    answer = f"Transaction {wanted} is not running"
    for session, label in _open_transactions(cursor.session):
        if label.id == wanted:
            session.cancel()
            session.transaction.abort()
            answer = f"Aborted transaction id: {wanted}"
    return rows((f"{_ABORT}({wanted})",), [(answer,)], ("VARCHAR",))


def _open_transactions(asking: "Session") -> Iterator[tuple["Session", Label]]:
    for session in list(asking.local.connections.values()):
        label = session.transaction.label
        if label is not None and session.identity.user == asking.identity.user:
            yield session, label


def _abort_call(expression: Expr) -> exp.Anonymous | None:
    if not isinstance(expression, exp.Select) or len(expression.expressions) != 1:
        return None
    call = expression.expressions[0].unalias()
    is_abort_call = isinstance(call, exp.Anonymous) and call.name.upper() == _ABORT
    return call if is_abort_call else None


def _words(expression: Expr) -> list[str]:
    return f"{expression.this} {expression.args.get('expression')}".upper().rstrip(" ;").split()


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
