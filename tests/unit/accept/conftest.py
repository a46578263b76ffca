from functools import partial

import pytest

from services.accept import accept_page
from services.model import GENESIS
from tests.updates import NETWORK, SCAN_URL


@pytest.fixture
def accept():
    """`accept_page` of a first page, but for what a test says."""
    return partial(
        accept_page,
        network=NETWORK,
        synchronizer_id=None,
        after=GENESIS,
        page_size=1000,
        source_url=SCAN_URL,
    )
