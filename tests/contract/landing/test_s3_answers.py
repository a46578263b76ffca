"""Checks of S3's errors: which are retryable, which name a setting. Each call is one try."""

import boto3
import pytest

from local.embedded.children import free_port
from services.adapters.s3_landing import S3Landing
from services.errors import LandingRefused, LandingUnavailable, SettingsWrong, StorageFull
from tests.contract.landing.s3_faults import Answer, error_body

KEY = "canton/key"


pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def session(boto3_session) -> boto3.Session:
    return boto3_session("answers")


@pytest.fixture
def answer(session):
    """Injects an answer into clients made from now on, until the test ends."""
    injected: list[Answer] = []

    def inject(operation: str, status: int, body: bytes, **headers: str) -> Answer:
        injected.append(Answer(session, operation, status, body, **headers))
        return injected[-1]

    yield inject
    for one in injected:
        one.withdraw()


ERRORS = [
    pytest.param(409, "ConditionalRequestConflict", LandingUnavailable, id="two puts at once"),
    pytest.param(409, "OperationAborted", LandingUnavailable, id="two operations at once"),
    pytest.param(500, "InternalError", LandingUnavailable, id="an error of S3's own"),
    pytest.param(503, "SlowDown", LandingUnavailable, id="throttled"),
    pytest.param(400, "RequestTimeout", LandingUnavailable, id="the body came too slowly"),
    pytest.param(400, "IncompleteBody", LandingUnavailable, id="the body came in part"),
    pytest.param(403, "AccessDenied", LandingRefused, id="not allowed"),
    pytest.param(400, "ExpiredToken", LandingRefused, id="credentials that have expired"),
    pytest.param(404, "NoSuchBucket", LandingRefused, id="no bucket"),
    pytest.param(500, "No space left on device", StorageFull, id="a disk is full"),
]


@pytest.mark.parametrize(("status", "code", "error"), ERRORS)
def test_an_error_of_s3_says_whether_trying_again_can_help(answer, page, status, code, error):
    injected = answer("PutObject", status, error_body(code))
    with pytest.raises(error) as raised:
        S3Landing("landing").land(KEY, page, "run-1")
    assert (type(raised.value), injected.met) == (error, 1)
    assert raised.value.retryable is (error is LandingUnavailable)
    assert "landing" in str(raised.value)


@pytest.mark.parametrize(("status", "code", "error"), ERRORS)
def test_errors_of_reading_are_told_alike(answer, status, code, error):
    injected = answer("GetObject", status, error_body(code))
    with pytest.raises(error) as raised:
        S3Landing("landing").read(KEY)
    assert (type(raised.value), injected.met) == (error, 1)


def test_an_object_that_vanishes_between_put_and_look_is_tried_again(answer, page):
    put = answer("PutObject", 412, error_body("PreconditionFailed"))
    head = answer("HeadObject", 404, b"")
    with pytest.raises(LandingUnavailable, match="was there and is not"):
        S3Landing("landing").land(KEY, page, "run-1")
    assert (put.met, head.met) == (1, 1)


def test_a_body_that_breaks_off_is_tried_again(answer):
    injected = answer("GetObject", 200, b"half", **{"content-length": "8"})
    with pytest.raises(LandingUnavailable, match=KEY):
        S3Landing("landing").read(KEY)
    assert injected.met == 1


def test_nobody_at_the_endpoint_is_tried_again_and_named(monkeypatch):
    port = free_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    with pytest.raises(LandingUnavailable, match=f"127.0.0.1:{port}"):
        S3Landing("landing").check()


def test_an_endpoint_that_is_no_url_is_a_wrong_setting(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "localhost")
    with pytest.raises(
        SettingsWrong, match=r"Invalid endpoint: localhost. Check the AWS_… settings"
    ):
        S3Landing("landing")


def test_a_profile_that_does_not_exist_is_a_wrong_setting(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobodys")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(SettingsWrong, match="nobodys"):
        S3Landing("landing")


def test_a_bucket_that_cannot_be_one_is_refused_before_anything_is_sent():
    with pytest.raises(LandingRefused, match=r"Invalid bucket name.*LANDING_BUCKET"):
        S3Landing("Landing Bucket").check()


def test_missing_credentials_are_not_tried_again(monkeypatch):
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(LandingRefused, match=r"credentials.*Check AWS_"):
        S3Landing("landing").check()
