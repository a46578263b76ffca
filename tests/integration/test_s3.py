import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def client(s3_endpoint):
    return boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def test_an_object_cannot_be_replaced_when_the_put_forbids_it(client):
    client.create_bucket(Bucket="once")
    client.put_object(Bucket="once", Key="a/after=4_1.gz", Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        client.put_object(Bucket="once", Key="a/after=4_1.gz", Body=b"second", IfNoneMatch="*")
    assert client.get_object(Bucket="once", Key="a/after=4_1.gz")["Body"].read() == b"first"
