import pytest

from tests.unit.docs.documents import ROOT


@pytest.fixture(autouse=True)
def in_the_clone(monkeypatch):
    """Documents are written from the clone's root, and so is what they describe."""
    monkeypatch.chdir(ROOT)
