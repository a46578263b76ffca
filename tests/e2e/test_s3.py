"""LocalStack's S3: it keeps what it acknowledged, whatever the amount, and asks for its keys."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import count

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.clone import ROOT, until
from tests.e2e.test_restarts import is_back, kill

BUCKET = "kept"
PAGE_BYTES = 900_000  # of a page of 1,000 updates
BYTES = int(float(os.environ.get("S3_GIGABYTES") or "0.2") * 1e9)  # docs/how-to/ci.md: 5


def client(up, keys=("local", "local"), **config):
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{up.settings['S3_PORT']}",
        region_name="us-east-1",
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


@pytest.fixture
def s3(up):
    client(up).create_bucket(Bucket=BUCKET)
    return client(up)


@pytest.fixture
def localstack(up, engine):
    return engine.containers(up.project)["localstack"]


def restart(localstack, s3):
    """Kill its process, and wait until it answers."""
    died = localstack.attrs["State"]["StartedAt"]
    kill(localstack)
    until(lambda: is_back(localstack, died), "localstack healthy again")
    s3.head_bucket(Bucket=BUCKET)


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def answered(call, **words):
    """The status and the code that S3 answers with."""
    try:
        found = call(**words)
    except ClientError as error:
        found = error.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found.get("Error", {}).get("Code")


@pytest.mark.parametrize(
    ("config", "code"),
    [
        pytest.param({"signature_version": UNSIGNED}, (403, "AccessDenied"), id="unsigned"),
        pytest.param({"keys": ("test", "local")}, (403, "InvalidAccessKeyId"), id="unknown-key"),
        pytest.param(
            {"keys": ("local", "test")}, (403, "SignatureDoesNotMatch"), id="wrong-secret"
        ),
        pytest.param({"signature_version": "s3"}, (400, "InvalidRequest"), id="version-2"),
        pytest.param({}, (200, None), id="the-stacks-own"),
    ],
)
def test_only_who_holds_the_keys_is_let_in(up, s3, config, code):
    asking = client(up, **config)
    assert answered(asking.list_objects_v2, Bucket=BUCKET) == code
    assert answered(asking.put_object, Bucket=BUCKET, Key="key", Body=b"page") == code


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_is_good_for_what_it_was_signed_for(up, s3, version):
    s3.put_object(Bucket=BUCKET, Key="one", Body=b"page")
    wanted = {"Bucket": BUCKET, "Key": "one"}
    url, forged = (
        client(up, ("local", secret), signature_version=version).generate_presigned_url(
            "get_object", Params=wanted
        )
        for secret in ("local", "guessed")
    )
    assert httpx.get(url, trust_env=False).content == b"page"
    assert httpx.get(forged, trust_env=False).status_code == 403
    assert httpx.get(url.replace("/one?", "/other?"), trust_env=False).status_code == 403
    assert httpx.delete(url, trust_env=False).status_code == 403


def test_no_web_page_can_write_delete_or_end_it(up, s3, localstack):
    s3.put_object(Bucket=BUCKET, Key="mine", Body=b"page")
    url = f"http://127.0.0.1:{up.settings['S3_PORT']}"
    plain = {"content-type": "text/plain", "origin": "http://evil.example"}
    deletion = "<Delete><Object><Key>mine</Key></Object></Delete>"
    presigned = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "mine"})
    rebound = {"host": f"evil.example:{up.settings['S3_PORT']}"}
    with httpx.Client(trust_env=False, headers={"origin": "http://evil.example"}) as page:
        refused = [
            page.post(f"{url}/{BUCKET}", data={"key": "theirs"}, files={"file": b"theirs"}),
            page.post(f"{url}/{BUCKET}?delete", content=deletion, headers=plain),
            page.post(f"{url}/_localstack/health", content='{"action":"kill"}', headers=plain),
            page.get(f"{url}/_localstack/health"),
            page.get(presigned),
        ]
    with httpx.Client(trust_env=False) as nobody:
        refused += [
            nobody.post(f"{url}/{BUCKET}", data={"key": "theirs"}, files={"file": b"theirs"}),
            nobody.post(f"{url}/{BUCKET}?delete", content=deletion),
            nobody.post(f"{url}/_localstack/health", content='{"action":"kill"}'),
            nobody.get(f"{url}/_localstack/health", headers=rebound),
        ]
        assert nobody.get(f"{url}/_localstack/health").status_code == 200
    assert [one.status_code for one in refused] == [403] * len(refused)
    assert answered(s3.head_object, Bucket=BUCKET, Key="mine") == (200, None)
    assert answered(s3.head_object, Bucket=BUCKET, Key="theirs") == (404, "404")


def usage(localstack):
    """Bytes of memory, and of files that count as memory, also those without a name."""
    stats = localstack.stats(stream=False)["memory_stats"]["stats"]
    mounts = localstack.exec_run(["df", "-B1", "-t", "tmpfs", "--output=target,used"]).output
    files = [line.split() for line in mounts.decode().splitlines()[1:]]
    own = sum(int(used) for mount, used in files if not mount.startswith(("/dev", "/proc", "/sys")))
    return stats.get("total_rss", stats.get("anon")), own


def put_pages(s3, bucket, size):
    """Objects as large as pages, from several runs at once; their ETags by key."""

    def put(number):
        content = number.to_bytes(8, "big") + body
        key = f"page-{number:06}"
        return key, s3.put_object(Bucket=bucket, Key=key, Body=content, IfNoneMatch="*")["ETag"]

    body = os.urandom(PAGE_BYTES - 8)
    with ThreadPoolExecutor(4) as pool:
        return dict(pool.map(put, range(size // PAGE_BYTES + 1)))


@pytest.mark.timeout(3600)
def test_its_memory_does_not_grow_with_what_it_keeps(s3, localstack):
    s3.create_bucket(Bucket="large")
    before = usage(localstack)
    pages = put_pages(s3, "large", BYTES)
    after = usage(localstack)
    allowed = 50e6 + 10_000 * len(pages)  # what S3 knows of an object
    assert after[0] - before[0] < allowed
    assert after[1] - before[1] < 1e6, "nothing lies in a tmpfs"
    started = localstack.attrs["State"]["StartedAt"]
    localstack.reload()
    assert localstack.attrs["State"]["StartedAt"] == started, "it was never killed for its memory"
    restart(localstack, s3)
    # A list: botocore's iterator begins at the last page when it is gone through again.
    listed = list(s3.get_paginator("list_objects_v2").paginate(Bucket="large"))
    assert {one["Key"]: one["ETag"] for page in listed for one in page["Contents"]} == pages
    last = s3.get_object(Bucket="large", Key=max(pages))["Body"].read()
    assert f'"{md5(last)}"' == pages[max(pages)]
    restarted = usage(localstack)
    assert restarted[0] < before[0] + allowed, "nor with what it read back"
    for page in listed:
        doomed = [{"Key": one["Key"]} for one in page["Contents"]]
        s3.delete_objects(Bucket="large", Delete={"Objects": doomed, "Quiet": True})
    s3.delete_bucket(Bucket="large")
    used = localstack.exec_run(["du", "-sb", "/data/s3/blobs"]).output
    assert int(used.split()[0]) < PAGE_BYTES * len(pages) / 2, "deleted objects leave the volume"


def test_a_volume_of_format_1_is_taken_over(localstack, engine):
    """Its script writes one as the revision before did; what was deleted meanwhile stays so."""
    script = (ROOT / "tests/e2e/s3_format_1.py").read_text()
    shown = engine.client.containers.run(
        localstack.attrs["Config"]["Image"],
        ["python", "-c", script],
        environment={"PYTHONHASHSEED": "0", "SERVICES": "s3"},
        network_mode="none",
        remove=True,
    )
    assert shown.decode().splitlines()[-4:] == [
        "landing None: landing None, {'after': 'genesis'}, {'a': 'b'}",
        "versioned v1: versioned v1, {'after': 'genesis'}, {}",
        "versioned v2: versioned v2, {'after': 'genesis'}, {}",
        "versioned v3: deleted",
    ]


def versions(s3, bucket):
    """All that S3 tells of a bucket's objects."""
    found = s3.list_object_versions(Bucket=bucket)
    told = ("Body", "ContentType", "ETag", "LastModified", "Metadata", "TagCount")
    objects = []
    for one in found["Versions"]:
        named = {"Bucket": bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
        got = {name: value for name, value in s3.get_object(**named).items() if name in told}
        got["Body"] = got["Body"].read()
        objects.append((named, one["IsLatest"], got, s3.get_object_tagging(**named)["TagSet"]))
    markers = [(one["Key"], one["VersionId"]) for one in found.get("DeleteMarkers", [])]
    return objects, markers, s3.get_bucket_versioning(Bucket=bucket).get("Status")


@pytest.mark.chaos
@pytest.mark.quick
def test_all_that_was_acknowledged_survives_a_kill(s3, localstack):
    put = {"Bucket": BUCKET, "ContentType": "application/gzip", "Metadata": {"after": "genesis"}}
    s3.put_object(Key="landed", Body=b"page", Tagging="a=b", IfNoneMatch="*", **put)
    for content in (b"long, and replaced", b"short"):
        s3.put_object(Key="overwritten", Body=content, **put)
    s3.put_object(Key="deleted", Body=b"page", **put)
    s3.delete_object(Bucket=BUCKET, Key="deleted")
    s3.upload_fileobj(BytesIO(b"part" * 3_000_000), BUCKET, "in-parts")
    s3.copy_object(Bucket=BUCKET, Key="copied", CopySource=f"{BUCKET}/landed")
    s3.create_bucket(Bucket="versioned")
    s3.put_object(Bucket="versioned", Key="one", Body=b"before")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    for content in (b"first", b"second"):
        s3.put_object(Bucket="versioned", Key="one", Body=content)
    s3.delete_object(Bucket="versioned", Key="one")
    upload = {"Bucket": BUCKET, "Key": "later"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = {"PartNumber": 1, "ETag": s3.upload_part(PartNumber=1, Body=b"a", **upload)["ETag"]}
    before = versions(s3, BUCKET), versions(s3, "versioned")

    restart(localstack, s3)

    assert (versions(s3, BUCKET), versions(s3, "versioned")) == before
    taken = answered(s3.put_object, Key="landed", Body=b"other", IfNoneMatch="*", **put)
    assert taken == (412, "PreconditionFailed")
    assert answered(s3.put_object, Key="deleted", Body=b"", IfNoneMatch="*", **put)[0] == 200
    s3.complete_multipart_upload(MultipartUpload={"Parts": [part]}, **upload)
    assert s3.get_object(Bucket=BUCKET, Key="later")["Body"].read() == b"a"


@pytest.mark.chaos
@pytest.mark.quick
def test_a_kill_amid_puts_leaves_every_acknowledged_one_whole_and_none_torn(s3, localstack):
    """Four writers put pages under names of their own, and over one name that they share."""
    acknowledged = {}
    numbers = count(1)

    def write():
        body = os.urandom(PAGE_BYTES)
        while True:
            key = f"amid-{next(numbers)}"
            content = key.encode() + body
            try:
                s3.put_object(Bucket=BUCKET, Key=key, Body=content)
                acknowledged[key] = md5(content)
                s3.put_object(Bucket=BUCKET, Key="amid-shared", Body=content)
            except (BotoCoreError, ClientError):
                return

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(write)
        until(lambda: len(acknowledged) >= 12, "some puts", 120)
        restart(localstack, s3)

    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="amid-")["Contents"]
    found = {}
    for one in listed:
        content = s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
        found[one["Key"]] = md5(content)
        assert f'"{found[one["Key"]]}"' == one["ETag"], f"{one['Key']} is torn"
    assert {key: found.get(key) for key in acknowledged} == acknowledged
