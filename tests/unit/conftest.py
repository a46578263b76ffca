import pytest
from hypothesis import settings
from pytest_socket import disable_socket, enable_socket

# The same examples each time, and few: unit tests run always, and in seconds.
settings.register_profile("unit", max_examples=50, derandomize=True, deadline=None)
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def no_network():
    # Sockets of the Unix family stay: an event loop wakes itself up over a pair of them.
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
