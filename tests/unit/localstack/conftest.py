"""Fixtures of the modules that run inside LocalStack and need nothing of it."""

import importlib.util
import sys
from types import ModuleType

import pytest

from tests.clone import ROOT


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docker/localstack" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def s3_signature() -> ModuleType:
    return loaded("s3_signature")


@pytest.fixture(scope="session")
def s3_journal() -> ModuleType:
    return loaded("s3_journal")
