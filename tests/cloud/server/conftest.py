"""Prefect's server of a session's own, as the flows' tests have it."""

from tests.integration.conftest import certificates, prefect_server, world

__all__ = ["certificates", "prefect_server", "world"]
