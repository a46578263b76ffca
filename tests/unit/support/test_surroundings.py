"""Proxies, certificates and accounts in sight: named, never with their values."""

import pytest

from local.stack.checks.here import Here
from local.stack.settings import Stack
from local.support.checks.accounts import judged_aws, judged_file, judged_prefect, judged_shell
from local.support.checks.network import check_certificates, judged_proxies

DIRECT = {"NO_PROXY": "127.0.0.1,localhost"}
ALL = "$NO_PROXY,127.0.0.1,localhost"
PROXY = "http://me:secretive@proxy:3128"


def says(found):
    return [one.result for one in found]


@pytest.mark.parametrize(
    ("environment", "types"),
    [
        pytest.param({}, [], id="none"),
        pytest.param({"HTTP_PROXY": PROXY, "https_proxy": PROXY, **DIRECT}, [], id="well"),
        pytest.param(
            {"HTTP_PROXY": PROXY, "HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, [], id="none-for-all"
        ),
        pytest.param(
            {"HTTPS_PROXY": PROXY, **DIRECT}, ['export HTTP_PROXY="$HTTPS_PROXY"'], id="one-side"
        ),
        pytest.param(
            {"HTTP_PROXY": PROXY, "http_proxy": "http://other", "HTTPS_PROXY": PROXY, **DIRECT},
            ['export http_proxy="$HTTP_PROXY"'],
            id="spellings",
        ),
        pytest.param(
            {"HTTP_PROXY": "proxy:3128", "HTTPS_PROXY": PROXY, **DIRECT},
            ["export HTTP_PROXY=http://host:port"],
            id="no-url",
        ),
        pytest.param(
            {"HTTP_PROXY": PROXY, "HTTPS_PROXY": PROXY, "NO_PROXY": "localhost"},
            [f'export NO_PROXY="{ALL}" no_proxy="{ALL}"'],
            id="loopback",
        ),
    ],
)
def test_proxies_that_half_of_what_runs_would_use(environment, types):
    found = list(judged_proxies(environment))
    assert [one.type_this for one in found] == types
    assert "secretive" not in "".join(says(found))


@pytest.mark.parametrize(
    ("text", "why"),
    [(None, "isn't there"), ("", "holds no certificate"), ("-----BEGIN CERTIFICATE-----", "")],
)
def test_a_file_of_certificates_has_some(tmp_path, text, why):
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    (found,) = check_certificates(Here(Stack({}), environment={"PIP_CERT": str(file)}))
    assert found.result == (f"PIP_CERT={file} {why}" if why else "PIP_CERT")
    assert found.type_this == ("unset PIP_CERT" if why else "")


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        pytest.param({"AWS_ACCESS_KEY_ID": "local", "AWS_REGION": "us-east-1"}, "", id="ours"),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "x"},
            "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY",
            id="aws",
        ),
        pytest.param(
            {"PREFECT_API_URL": "http://127.0.0.1:4200/api", "PREFECT_API_KEY": "pnu_x"},
            "PREFECT_API_KEY",
            id="prefect",
        ),
        pytest.param(
            {"PREFECT_API_URL": "https://api.prefect.cloud/api/x"}, "PREFECT_API_URL", id="cloud"
        ),
        pytest.param(
            {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/x"},
            "SLACK_WEBHOOK_URL",
            id="slack",
        ),
        pytest.param({"SLACK_WEBHOOK_URL": "http://127.0.0.1:1/services/local"}, "", id="inbox"),
        pytest.param(
            {"SNOWFLAKE_ACCOUNT": "local", "SNOWFLAKE_USER": "pipeline"}, "", id="local-warehouse"
        ),
        pytest.param(
            {"SNOWFLAKE_ACCOUNT": "ab12.eu", "SNOWFLAKE_USER": "me"},
            "SNOWFLAKE_ACCOUNT SNOWFLAKE_USER",
            id="snowflake",
        ),
        pytest.param({"SNOWFLAKE_PASSWORD": "x"}, "SNOWFLAKE_PASSWORD", id="password"),
    ],
)
def test_accounts_in_the_shell_are_named_with_what_to_type(environment, names):
    found = list(judged_shell(environment))
    assert [one.type_this for one in found] == ([f"unset {names}"] if names else [])
    for one in found:
        assert "no effect on make run and make up" in one.result


def test_accounts_in_a_file_are_named_without_values(tmp_path):
    file = tmp_path / ".env"
    assert list(judged_file(file)) == []
    file.write_text("CANTON_PAGE_SIZE=10\nSNOWFLAKE_PASSWORD=swordfish\n")
    (found,) = judged_file(file)
    assert ".env here holds SNOWFLAKE_PASSWORD:" in found.result
    assert "swordfish" not in found.message


def test_a_profile_of_aws_counts_where_it_has_keys(tmp_path):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "[prod]\naws_access_key_id = AKIA1\n[sso]\nx = 1\n"
    )
    (found,) = judged_aws({"AWS_PROFILE": "prod"}, tmp_path)
    name, _, value = found.type_this.removeprefix("export ").partition("=")
    hidden = {"AWS_PROFILE": "prod", name: value}
    for environment in ({"AWS_PROFILE": "sso"}, {"AWS_PROFILE": "gone"}, {}, hidden):
        assert list(judged_aws(environment, tmp_path)) == []


@pytest.mark.parametrize("environment", [{}, {"AWS_PROFILE": ""}, {"AWS_PROFILE": "default"}])
def test_aws_s_default_profile_counts_without_its_name(tmp_path, environment):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text("[default]\naws_access_key_id = AKIA1\n")
    (found,) = judged_aws(environment, tmp_path)
    assert found.result.startswith("AWS's profile default has keys in ")
    assert "AKIA1" not in found.message


def test_the_active_profile_of_prefect_counts_where_it_points_outside(tmp_path):
    file = tmp_path / "profiles.toml"
    assert list(judged_prefect(file)) == []
    file.write_text(
        'active = "work"\n[profiles.local]\nPREFECT_API_URL = "http://127.0.0.1:4200/api"\n'
        '[profiles.work]\nPREFECT_API_URL = "https://prefect.example/api"\n'
    )
    assert says(judged_prefect(file))[0].startswith("Prefect's profile work holds PREFECT_API_URL")
    file.write_text(file.read_text().replace('active = "work"', 'active = "local"'))
    assert list(judged_prefect(file)) == []
