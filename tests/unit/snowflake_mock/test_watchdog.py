"""The thread that keeps the time limits of statements."""

import threading

from mocks.snowflake.watchdog import Watchdog

SECONDS = 5.0


def test_it_stops_only_what_is_over_its_limit() -> None:
    watchdog = Watchdog()
    short, long = threading.Event(), threading.Event()
    with (
        watchdog.limit(SECONDS * 100, long.set) as generous,
        watchdog.limit(0.05, short.set) as hit,
    ):
        assert short.wait(SECONDS)
    assert hit.passed
    assert not generous.passed
    assert not long.is_set()


def test_it_forgets_what_has_ended() -> None:
    watchdog = Watchdog()
    stopped, later = threading.Event(), threading.Event()
    with watchdog.limit(0.05, stopped.set):
        pass
    with watchdog.limit(0.1, later.set):
        assert later.wait(SECONDS)
    assert not stopped.is_set()


def test_zero_is_no_limit() -> None:
    watchdog = Watchdog()
    stopped, later = threading.Event(), threading.Event()
    with watchdog.limit(0, stopped.set) as limit, watchdog.limit(0.05, later.set):
        assert later.wait(SECONDS)
    assert not limit.passed


def test_a_failing_stop_leaves_the_others_their_limits() -> None:
    def fail() -> None:
        raise OSError

    watchdog = Watchdog()
    stopped = threading.Event()
    with watchdog.limit(0.02, fail), watchdog.limit(0.1, stopped.set):
        assert stopped.wait(SECONDS)
