"""Checks of the host names that a mock answers to."""

import pytest

from mocks.browser_guard import is_private


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:5012", "localhost", "LOCALHOST:80", "[::1]:5012", "192.168.7.9:5012", "scan",
        "canton-scan:5012", "my_service", "bucket.localhost:4566", "host.docker.internal:5012",
    ],
)  # fmt: skip
def test_names_that_only_this_machine_or_its_networks_know_are_right(host):
    assert is_private(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:5012", "127.0.0.1.evil.example", "localhost.evil.example",
        "1.2.3", "localhost.", "[::1", "xn--e1afmkfd.example",
        "127.0.0.1@evil.example", "evil.example#.internal", "evil.example?.localhost",
    ],
)  # fmt: skip
def test_names_that_public_dns_may_know_are_wrong(host):
    assert not is_private(host)
