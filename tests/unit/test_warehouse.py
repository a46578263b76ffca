"""The warehouse's errors in our words, and what a transaction leaves behind."""

from contextlib import contextmanager

import pytest
from snowflake.connector.errors import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)

from services.adapters.snowflake import Session, translated
from services.errors import PipelineError, StorageFull, WarehouseRefused, WarehouseUnavailable


def unreachable():
    return OperationalError(msg="Connection reset by peer", errno=250003)


@pytest.mark.parametrize(
    ("error", "told", "says"),
    [
        pytest.param(
            DatabaseError(
                msg="Failed to connect to DB: local. Incorrect username or password was specified.",
                errno=250001,
            ),
            WarehouseRefused,
            "Check SNOWFLAKE_USER and SNOWFLAKE_PASSWORD",
            id="a wrong password",
        ),
        pytest.param(
            OperationalError(msg="Could not connect to Snowflake backend", errno=250001),
            WarehouseUnavailable,
            "Do SNOWFLAKE_HOST and SNOWFLAKE_PORT answer?",
            id="nobody at the address",
        ),
        pytest.param(unreachable(), WarehouseUnavailable, "reset by peer", id="a lost connection"),
        pytest.param(
            InterfaceError(msg="503: Service Unavailable", errno=250002),
            WarehouseUnavailable,
            "503",
            id="a server that can't answer",
        ),
        pytest.param(
            ProgrammingError(msg="Statement aborted: lock timeout", errno=625),
            WarehouseUnavailable,
            "lock timeout",
            id="another transaction in the way",
        ),
        pytest.param(
            ProgrammingError(msg="Statement aborted: lock timeout", errno=625),
            WarehouseUnavailable,
            "make sql Q='show locks'",
            id="a lock that is still held, and who holds it",
        ),
        pytest.param(
            ProgrammingError(msg="Transaction '5' was aborted", errno=615),
            WarehouseUnavailable,
            "was aborted",
            id="a transaction that somebody else ended",
        ),
        pytest.param(
            ProgrammingError(msg="Statement reached its timeout", errno=604),
            WarehouseUnavailable,
            "its timeout",
            id="a statement that took too long",
        ),
        *(
            pytest.param(
                ProgrammingError(msg="Session no longer exists", errno=errno),
                WarehouseUnavailable,
                "no longer exists",
                id=f"a session that has ended ({errno})",
            )
            for errno in (390111, 390112, 390114)
        ),
        pytest.param(
            ProgrammingError(msg="Object 'X' does not exist or not authorized.", errno=2003),
            WarehouseRefused,
            "does not exist",
            id="no such table",
        ),
        pytest.param(
            ProgrammingError(msg="IO Error: No space left on device", errno=100),
            StorageFull,
            "No space left",
            id="a full disk",
        ),
        pytest.param(
            DatabaseError(msg="Numeric value 'x' is not recognized", errno=100038),
            WarehouseRefused,
            "not recognized",
            id="data that can't be cast",
        ),
    ],
)
def test_an_error_of_the_warehouse_names_its_operation(error, told, says):
    with pytest.raises(PipelineError) as raised, translated("insert into t"):
        raise error
    assert type(raised.value) is told
    assert raised.value.retryable is (told is WarehouseUnavailable)
    assert str(raised.value).startswith("insert into t: ")
    assert says in str(raised.value)


class FakeConnection:
    """Takes down statements; those in `fails` fail once they were taken down."""

    def __init__(self, **fails):
        self.fails = fails
        self.statements = []
        self.is_closed = False
        self.rowcount = 1

    @contextmanager
    def cursor(self, _):
        yield self

    def execute(self, sql, values):
        del values
        self.statements.append(sql)
        if error := self.fails.pop(sql, None):
            raise error

    def close(self):
        self.is_closed = True


def run(connection, *, is_committed=lambda: False, statement="update"):
    session = Session(connection)
    with session.transaction(is_committed=is_committed):
        session.execute(statement)


def test_a_transaction_commits_once_all_is_done():
    connection = FakeConnection()
    run(connection)
    assert connection.statements == ["begin transaction", "update", "commit"]


@pytest.mark.parametrize("error", [unreachable(), ProgrammingError(msg="no", errno=1003)])
def test_any_error_in_a_transaction_rolls_it_back_and_is_told(error):
    connection = FakeConnection(update=error)
    with pytest.raises(PipelineError):
        run(connection)
    assert connection.statements == ["begin transaction", "update", "rollback"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ZeroDivisionError])
def test_what_is_no_error_of_the_warehouse_rolls_back_too(interruption):
    connection = FakeConnection(update=interruption())
    with pytest.raises(interruption):
        run(connection)
    assert connection.statements[-1] == "rollback"


def test_a_rollback_that_fails_does_not_hide_what_it_was_for():
    connection = FakeConnection(
        update=ProgrammingError(msg="the cause", errno=1003), rollback=unreachable()
    )
    with pytest.raises(WarehouseRefused, match="the cause"):
        run(connection)


def test_a_commit_whose_answer_was_lost_stands_if_it_is_found_there():
    connection, asked = FakeConnection(commit=unreachable()), []
    run(connection, is_committed=lambda: asked.append(connection.is_closed) or True)
    assert asked == [True], "asked once, after the session was ended"


def test_a_commit_whose_answer_was_lost_is_tried_again_if_it_is_not_there():
    connection = FakeConnection(commit=unreachable())
    with pytest.raises(WarehouseUnavailable, match="COMMIT was not carried out") as lost:
        run(connection, is_committed=lambda: False)
    assert lost.value.retryable


def test_a_commit_that_is_refused_is_not_looked_up():
    connection = FakeConnection(commit=ProgrammingError(msg="doomed", errno=1003))
    with pytest.raises(WarehouseRefused, match="doomed"):
        run(connection, is_committed=lambda: pytest.fail("nothing was lost"))


def test_an_empty_answer_of_the_warehouse_may_be_tried_again():
    connection = FakeConnection(update=KeyError("success"))  # the connector's, seen after a pause
    with pytest.raises(WarehouseUnavailable, match="update: no answer came") as lost:
        run(connection)
    assert lost.value.retryable
    assert connection.statements[-1] == "rollback"


@pytest.mark.parametrize("field", ["success", "data"])
def test_an_empty_answer_may_be_tried_again_whoever_asked(field):
    with pytest.raises(WarehouseUnavailable, match="login: no answer came") as lost:  # noqa: SIM117
        with translated("login"):
            raise KeyError(field)
    assert lost.value.retryable


def test_a_value_that_a_statement_lacks_is_no_empty_answer():
    connection = FakeConnection()
    connection.execute = lambda sql, values: sql % values
    with pytest.raises(KeyError, match="network"):
        Session(connection).execute("select %(network)s", {"batch": 1})


def test_a_commit_with_an_empty_answer_stands_if_it_is_found_there():
    run(FakeConnection(commit=KeyError("success")), is_committed=lambda: True)
