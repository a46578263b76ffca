import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def no_network():
    # Sockets of the Unix family stay: an event loop wakes itself up over a pair of them.
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
