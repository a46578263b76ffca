"""Checks of when the local Snowflake takes its sessions for over."""

import threading
from unittest.mock import Mock

from mocks.snowflake.connection import LocalConnection
from mocks.snowflake.sessions import Sessions


def test_they_are_over_once_the_last_is_closed():
    sessions = Sessions(idle_seconds=60)
    closing, may_close = threading.Event(), threading.Event()

    def close() -> None:
        closing.set()
        may_close.wait()

    session = sessions.open(lambda: Mock(spec=LocalConnection, close=close))
    ending = threading.Thread(target=sessions.end, args=(session.token,), daemon=True)
    ending.start()
    closing.wait()
    with sessions.just_over() as are_over:
        assert not are_over
    may_close.set()
    ending.join()
    with sessions.just_over() as are_over:
        assert are_over
    with sessions.just_over() as again:
        assert not again
