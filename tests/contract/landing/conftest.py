"""Three landing stores through the same tests: S3 by moto and by ministack, and the fake."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import boto3
import pytest
from moto import mock_aws

from services.adapters.s3_landing import S3Landing
from services.errors import LandingUnavailable
from services.model import Page
from services.ports import LandingStore
from tests.contract.landing.s3_faults import LostAnswer
from tests.fakes import FakeLanding
from tests.updates import NETWORK, SCAN_URL, line, place, transaction

_numbers = count(1)


@dataclass(frozen=True)
class Bench:
    """A store to be tested, and what can be done to it from outside."""

    store: LandingStore
    without_bucket: LandingStore
    overwrite: Callable[[str, bytes], object]
    """Put other bytes under a key, without metadata, past the store."""
    lose_next_answer: Callable[[], object]
    """The next put is carried out, and nobody hears of it."""


@pytest.fixture(params=["fake", "moto", "ministack"])
def bench(request) -> Bench:
    """The same promises hold for each."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def fake() -> Bench:
    store = FakeLanding()

    def overwrite(key: str, content: bytes) -> None:
        store.objects[key] = content
        store.pages.pop(key, None)

    def lose_next_answer() -> None:
        store.lose_next_answer = LandingUnavailable("the answer was lost")

    return Bench(store, FakeLanding(is_there=False), overwrite, lose_next_answer)


@pytest.fixture
def moto(boto3_session) -> Iterator[Bench]:
    with mock_aws():
        yield _on_s3(boto3_session("moto"))


@pytest.fixture
def ministack(boto3_session, monkeypatch, s3_endpoint) -> Bench:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_endpoint)
    return _on_s3(boto3_session("ministack"))


@pytest.fixture(scope="session")
def _sessions() -> dict[str, boto3.Session]:
    """boto3 sessions by name: each reads megabytes of service descriptions once."""
    return defaultdict(boto3.Session)


@pytest.fixture
def boto3_session(_sessions, monkeypatch) -> Callable[[str], boto3.Session]:
    """Makes a session the one that `boto3.client` uses, with settings as a container has them."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    def use(name: str) -> boto3.Session:
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", _sessions[name])
        return _sessions[name]

    return use


def _on_s3(session: boto3.Session) -> Bench:
    bucket = f"landing-{next(_numbers)}"
    s3 = session.client("s3")
    s3.create_bucket(Bucket=bucket)

    def overwrite(key: str, content: bytes) -> None:
        s3.put_object(Bucket=bucket, Key=key, Body=content)

    lost = LostAnswer(session, "PutObject")
    return Bench(S3Landing(bucket), S3Landing("no-such-bucket"), overwrite, lost.arm)


@pytest.fixture
def page() -> Page:
    lines = tuple(line(transaction(number=number)) for number in (1, 2, 3))
    return Page(NETWORK, place(0), place(3), lines, SCAN_URL, is_short=True)


@pytest.fixture
def rival() -> Page:
    """The page that another run got for the same position earlier: the head was not as far."""
    lines = tuple(line(transaction(number=number)) for number in (1, 2))
    return Page(NETWORK, place(0), place(2), lines, SCAN_URL, is_short=True)
