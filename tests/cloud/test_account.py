"""The account, its secrets and its registry's login, against moto."""

import boto3
import pytest
from moto import mock_aws

from cloud.deploy.account import Account
from local.console.errors import CommandFailed
from tests.clouds import ACCOUNT


@pytest.fixture
def session(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    with mock_aws():
        yield boto3.Session(region_name="us-east-1")


@pytest.fixture
def secrets(session):
    return session.client("secretsmanager")


def test_the_account_of_the_keys_is_the_one_that_is_meant(session):
    assert Account(session).explain_other(ACCOUNT) == ""
    told = Account(session).explain_other("987654321098")
    assert told.startswith(f"the keys are of AWS account {ACCOUNT}")


def test_keys_that_nobody_has_are_told(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CommandFailed, match="Unable to locate credentials"):
        Account(boto3.Session(region_name="us-east-1")).explain_other(ACCOUNT)


def test_secrets_without_a_value_are_named(session, secrets):
    full = secrets.create_secret(Name="full", SecretString="hush")["ARN"]
    empty = secrets.create_secret(Name="empty")["ARN"]
    problems = Account(session).explain_secrets({"full": full, "empty": empty, "none": "none"})
    assert [problem.split(":")[0] for problem in problems] == ["secret empty", "secret none"]
    assert "it has no value yet" in problems[0]
    assert Account(session).secret(full) == "hush"


def test_a_secret_that_is_not_there_is_told(session):
    with pytest.raises(CommandFailed, match="AWS doesn't tell secret none"):
        Account(session).secret("none")


def test_the_registry_lets_in_whom_aws_names(session):
    login = Account(session).login()
    assert login.user == "AWS"
    assert login.password
    assert login.password not in repr(login)


def test_an_endpoint_of_a_profile_is_not_followed(session, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert Account(session).explain_other(ACCOUNT) == ""
