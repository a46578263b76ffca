"""Lets in those who hold the keys, and no web page.

LocalStack takes unsigned requests, any keys and pages of any origin. Here every request is refused
before LocalStack looks at it, unless it is signed with the secret key or only asks for the health.
Presigned URLs are checked by LocalStack itself, with the same secret key.
"""

import re
from functools import partial
from html import escape
from urllib.parse import urlsplit

from localstack.aws.handlers import preprocess_request
from localstack.http.request import get_raw_path
from localstack.services.s3 import presigned_url
from localstack.services.s3.constants import SIGNATURE_V2_PARAMS, SIGNATURE_V4_PARAMS
from s3_signature import Keys, Refused, Signed

# Names of this machine and of the stack's network, with a bucket before LocalStack's own. Its
# websites answer anybody.
_HOSTS = re.compile(
    r"(?!.*s3-website)(localhost|127\.0\.0\.1|\[::1\]|localstack"
    r"|([a-z0-9.-]+\.)?s3(\.[a-z0-9-]+)?\.localhost\.localstack\.cloud"
    r"|localhost\.localstack\.cloud)(:\d+)?"
)
_HEALTH = "/_localstack/health"


def _check_page(request):
    """Refuse what a web page of another origin sent, also by a name that it made point here."""
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if not _HOSTS.fullmatch(host.lower()):
        raise Refused("AccessDenied", f"the Host {host} is not a name of this S3")
    if origin is not None and urlsplit(origin).netloc != host:
        raise Refused("AccessDenied", f"web pages of {origin} may not use this S3")


def _check_keys(request, keys):
    named = set() if request.path.startswith("/_") else set(request.args)  # /_…: LocalStack's own
    if named.issuperset(SIGNATURE_V2_PARAMS):
        keys.check_id(request.args["AWSAccessKeyId"])
    elif named.issuperset(SIGNATURE_V4_PARAMS):
        keys.check_id(request.args["X-Amz-Credential"].partition("/")[0])
    else:
        query = request.query_string.decode("latin-1")
        headers = {name.lower(): value for name, value in request.headers.items()}
        Signed(request.method, get_raw_path(request), query, headers).check(keys)


def _check(keys, chain, context, response):
    request = context.request
    try:
        _check_page(request)
        if (request.method, request.path) != ("GET", _HEALTH):
            _check_keys(request, keys)
    except Refused as refused:
        response.status_code = refused.status
        response.headers["Content-Type"] = "application/xml"
        response.data = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{refused.code}</Code>"
            f"<Message>{escape(refused.message)}</Message></Error>"
        )
        chain.terminate()


def install(access_key_id, secret_access_key):
    presigned_url.DEFAULT_PRE_SIGNED_SECRET_ACCESS_KEY = secret_access_key
    keys = Keys(access_key_id, secret_access_key)
    preprocess_request.handlers.insert(0, partial(_check, keys))
