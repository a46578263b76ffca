"""Requests signed by botocore, as S3 would take or refuse them."""

from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SECRET = "of the stack"
URL = "http://127.0.0.1:4566/landing/a%20b/%C3%BC%2B%26?list-type=2&prefix=a%2Fb&delete"


@pytest.fixture
def keys(s3_signature):
    return s3_signature.Keys("local", SECRET)


@pytest.fixture
def signed(s3_signature):
    """The request that S3 receives when botocore signs it; `changed` replaces parts on the way."""

    def make(key_id="local", secret=SECRET, url=URL, body=b"", headers=None, **changed):
        request = AWSRequest("PUT", url, headers=headers or {}, data=body)
        request.context["payload_signing_enabled"] = True
        S3SigV4Auth(Credentials(key_id, secret), "s3", "us-east-1").add_auth(request)
        split = urlsplit(url)
        sent = {
            "method": "PUT",
            "path": split.path,
            "query": split.query,
            "headers": {
                "host": split.netloc,
                **{name.lower(): value for name, value in request.headers.items()},
                **changed.pop("other_headers", {}),
            },
        }
        return s3_signature.Signed(**{**sent, **changed})

    return make


def refusal(s3_signature, signed, keys):
    with pytest.raises(s3_signature.Refused) as refused:
        signed.check(keys)
    return refused.value.code, refused.value.status


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({}, id="encoded-path-and-query"),
        pytest.param({"url": "http://localstack:4566/"}, id="root"),
        pytest.param({"body": b"page", "headers": {"If-None-Match": "*"}}, id="body-and-header"),
        pytest.param({"headers": {"x-amz-meta-after": " two   spaces "}}, id="spaces"),
    ],
)
def test_what_botocore_signs_with_the_secret_key_is_taken(signed, keys, request_):
    signed(**request_).check(keys)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        pytest.param({"key_id": "other"}, ("InvalidAccessKeyId", 403), id="unknown-key"),
        pytest.param({"secret": "wrong"}, ("SignatureDoesNotMatch", 403), id="wrong-secret"),
        pytest.param({"method": "DELETE"}, ("SignatureDoesNotMatch", 403), id="other-method"),
        pytest.param({"path": "/landing/other"}, ("SignatureDoesNotMatch", 403), id="other-key"),
        pytest.param({"query": "delete"}, ("SignatureDoesNotMatch", 403), id="other-query"),
        pytest.param(
            {"other_headers": {"host": "evil.example"}},
            ("SignatureDoesNotMatch", 403),
            id="other-host",
        ),
        pytest.param(
            {"other_headers": {"x-amz-content-sha256": "0" * 64}},
            ("SignatureDoesNotMatch", 403),
            id="other-body",
        ),
        pytest.param(
            {"other_headers": {"authorization": ""}}, ("AccessDenied", 403), id="unsigned"
        ),
        pytest.param(
            {"other_headers": {"authorization": "AWS local:c2ln"}},
            ("InvalidRequest", 400),
            id="version-2",
        ),
        pytest.param(
            {"other_headers": {"authorization": "AWS4-HMAC-SHA256 Credential=local"}},
            ("AuthorizationHeaderMalformed", 400),
            id="cut-off",
        ),
    ],
)
def test_what_the_secret_key_did_not_sign_is_refused(s3_signature, signed, keys, request_, code):
    assert refusal(s3_signature, signed(**request_), keys) == code


def test_a_signature_that_leaves_the_host_out_is_refused(s3_signature, signed, keys):
    whole = signed()
    header = whole.headers["authorization"].replace("SignedHeaders=host;", "SignedHeaders=")
    assert header != whole.headers["authorization"]
    cut = signed(other_headers={"authorization": header})
    assert refusal(s3_signature, cut, keys) == ("AuthorizationHeaderMalformed", 400)
