import traceback

import pytest
from pydantic import SecretStr, ValidationError

from mocks.snowflake.locks import IDLE_SECONDS
from services.errors import SettingsWrong
from services.settings import (
    CantonSettings,
    LandingSettings,
    Settings,
    SlackSettings,
    SnowflakeSettings,
    describe,
    read_settings,
    read_slack,
    read_snowflake,
    refuse_mixture,
)


def test_the_least_that_is_set_leaves_the_rest_at_its_defaults(environment):
    assert read_settings(environment) == Settings(
        canton=CantonSettings(
            base_url="https://scan.example/api/scan",
            start_at=None,
            network=None,
            page_size=1000,
            timeout_seconds=60,
        ),
        landing=LandingSettings(bucket="landing"),
        snowflake=SnowflakeSettings(
            account="local",
            user="pipeline",
            password=SecretStr("hunter2-secret"),
            port=443,
            protocol="https",
            database="CANTON",
        ),
        slack=SlackSettings(webhook_url=None),
    )


def test_every_kind_of_value_is_read_from_text(environment, tmp_path):
    key = tmp_path / "key.pem"
    key.write_text("-")
    more = {
        "CANTON_START_AT": "genesis",
        "CANTON_NETWORK": "1220b1431ef2",
        "CANTON_PAGE_SIZE": "10",
        "CANTON_TIMEOUT_SECONDS": "2.5",
        "SNOWFLAKE_PRIVATE_KEY_PATH": str(key),
        "SNOWFLAKE_PORT": "8084",
        "SLACK_WEBHOOK_URL": "https://hooks.slack.example/T/B/x",
    }
    settings = read_settings(environment | more)
    assert (
        settings.canton.start_at,
        settings.canton.network,
        settings.canton.page_size,
        settings.canton.timeout_seconds,
        settings.snowflake.private_key_path,
        settings.snowflake.port,
        settings.slack.webhook_url,
    ) == ("genesis", "1220b1431ef2", 10, 2.5, key, 8084, SecretStr(more["SLACK_WEBHOOK_URL"]))


def test_what_is_of_other_programs_is_left_alone(environment):
    others = {
        "PATH": "/bin",
        "AWS_REGION": "us-east-1",
        "SNOWFLAKE_HOME": "/home/me/.snowflake",
        "SNOWFLAKE": "/opt/snowflake",
        "SLACK": '{"webhook_url": "http://another"}',
        "SNOWFLAKE_DEFAULT_CONNECTION_NAME": "mine",
        "CANTONMENT": "1",
    }
    assert read_settings(environment | others) == read_settings(environment)


def test_settings_do_not_change_once_they_are_read(environment):
    settings = read_settings(environment)
    with pytest.raises(ValidationError, match="frozen"):
        settings.canton.page_size = 5


def refusal(environment, **changes):
    with pytest.raises(SettingsWrong) as refused:
        read_settings(environment | changes)
    return str(refused.value)


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        (
            "CANTON_BASE_URL",
            CantonSettings.model_fields["base_url"].description,
        ),
        ("LANDING_BUCKET", "Bucket of the landing zone."),
        ("SNOWFLAKE_ACCOUNT", "Account identifier (`local` for the local one)."),
        ("SNOWFLAKE_USER", "User that the flows log in as."),
    ],
)
def test_a_missing_setting_is_named_with_its_meaning(environment, name, meaning, value):
    environment.pop(name)
    given = {} if value is None else {name: value}
    assert refusal(environment, **given) == f"setting {name} is missing: {meaning}"


def test_an_empty_optional_setting_counts_as_none(environment):
    empty = {"CANTON_START_AT": "", "CANTON_PAGE_SIZE": "", "SLACK_WEBHOOK_URL": ""}
    assert read_settings(environment | empty) == read_settings(environment)


def test_a_key_may_come_as_a_variable_in_the_place_of_a_password(environment):
    settings = read_settings(environment | {"SNOWFLAKE_PASSWORD": "", "SNOWFLAKE_PRIVATE_KEY": "k"})
    assert settings.snowflake.private_key == SecretStr("k")
    assert "SNOWFLAKE_PRIVATE_KEY=**********" in describe(settings)


def test_two_keys_of_one_login_are_refused(environment, tmp_path):
    key = tmp_path / "key.p8"
    key.touch()
    given = {"SNOWFLAKE_PRIVATE_KEY": "k", "SNOWFLAKE_PRIVATE_KEY_PATH": str(key)}
    assert refusal(environment, **given) == (
        "setting SNOWFLAKE_PRIVATE_KEY is set, and so is SNOWFLAKE_PRIVATE_KEY_PATH:"
        " a login takes one of them"
    )


def test_a_login_without_any_credentials_is_refused(environment):
    assert refusal(environment, SNOWFLAKE_PASSWORD="") == (
        "setting SNOWFLAKE_PASSWORD is missing, and so is SNOWFLAKE_PRIVATE_KEY_PATH:"
        " a login needs one of them"
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CANTON_BASE_ULR", "did you mean CANTON_BASE_URL?"),
        ("CANTON_PAGESIZE", "did you mean CANTON_PAGE_SIZE?"),
        ("LANDING_BUKET", "did you mean LANDING_BUCKET?"),
        ("SNOWFLAKE_PASSWROD", "did you mean SNOWFLAKE_PASSWORD?"),
        ("SLACK_WEBHOOK", "did you mean SLACK_WEBHOOK_URL?"),
        ("SLACK_XYZZY", "docs/reference/settings.md lists them all."),
    ],
)
def test_a_misspelt_setting_is_named_with_what_it_might_be(environment, name, hint):
    assert refusal(environment, **{name: "x"}) == f"unknown setting {name}: {hint}"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *(
            pytest.param("CANTON_BASE_URL", url, " is no http(s) URL", id=url)
            for url in (
                "scan.example",
                "ftp://scan.example",
                "https://",
                "https:///api",
                "https://a b/",
                "https://scan.example:99999/api/scan",
                "https://scan.example:x/api/scan",
                "https://[::1/api/scan",
                "https://scan.example/api/scan?key=1",
            )
        ),
        *(
            pytest.param("CANTON_BASE_URL", urls, said, id=urls)
            for urls, said in {
                ",": " is no http(s) URL: number 1",
                "https://a.example/api/scan,": " is no http(s) URL: number 2",
                "https://a.example,https://b.example c": " is no http(s) URL: number 2",
                "https://a.example,ftp://b.example": " is no http(s) URL: number 2",
                "https://a.example/;https://b.example": " is no http(s) URL",
                "https://a.example,https://b.example,https://a.example/": (
                    " names a URL twice: number 3"
                ),
            }.items()
        ),
        *(
            pytest.param(
                "CANTON_START_AT",
                start,
                " is neither `genesis`, nor a UTC time (2025-12-10T16:00:00Z),"
                " nor a position (4/2025-12-10T16:00:00Z)",
                id=start,
            )
            for start in (
                "yesterday",
                "2025-12-10",
                "2025-12-10T16:00:00",
                "2025-12-10T16:00:00+01:00",
                "2025-12-10T16:00:00.1234567Z",
                "4/",
                "four/2025-12-10T16:00:00Z",
                "4_20251210T160000Z",
            )
        ),
        ("CANTON_NETWORK", "mainnet", ": String should match pattern '^[0-9a-f]{12}$'"),
        ("CANTON_PAGE_SIZE", "0", ": Input should be greater than or equal to 1"),
        ("CANTON_PAGE_SIZE", "1001", ": Input should be less than or equal to 1000"),
        (
            "CANTON_PAGE_SIZE",
            "many",
            ": Input should be a valid integer, unable to parse string as an integer",
        ),
        ("CANTON_TIMEOUT_SECONDS", "0", ": Input should be greater than 0"),
        ("CANTON_CLOCK", "mine", ": String should match pattern '^(real|simulated)$'"),
        ("LANDING_BUCKET", "ab", ": String should have at least 3 characters"),
        ("SNOWFLAKE_PORT", "65536", ": Input should be less than 65536"),
        ("SNOWFLAKE_PROTOCOL", "tcp", ": String should match pattern '^https?$'"),
        ("SNOWFLAKE_PRIVATE_KEY_PATH", "/gone.pem", ": Path does not point to a file"),
    ],
)
def test_a_value_that_cannot_work_is_refused_with_its_name(environment, name, value, said):
    assert refusal(environment, **{name: value}) == f"setting {name}{said}"


def test_all_that_is_wrong_is_said_at_once(environment):
    environment.pop("LANDING_BUCKET")
    assert refusal(environment, CANTON_PAGE_SIZE="0", SLACK_HOOK="x").splitlines() == [
        "setting CANTON_PAGE_SIZE: Input should be greater than or equal to 1",
        "setting LANDING_BUCKET is missing: Bucket of the landing zone.",
        "unknown setting SLACK_HOOK: did you mean SLACK_WEBHOOK_URL?",
    ]


@pytest.mark.parametrize(
    "start",
    ["genesis", "2025-12-10T16:00:00Z", "2025-12-10T16:00:00.5Z", "4/2025-12-10T16:00:00Z"],
)
def test_a_start_is_kept_as_it_is_written(environment, start):
    assert read_settings(environment | {"CANTON_START_AT": start}).canton.start_at == start


def test_a_base_url_loses_its_last_slash(environment):
    given = {"CANTON_BASE_URL": "http://127.0.0.1:5012/api/scan/"}
    canton = read_settings(environment | given).canton
    assert canton.base_url == "http://127.0.0.1:5012/api/scan"
    assert canton.base_urls == (canton.base_url,)


def test_base_urls_are_separated_by_commas_and_keep_their_order(environment):
    given = {"CANTON_BASE_URL": "https://b.example/api/scan/, https://a.example/api/scan"}
    canton = read_settings(environment | given).canton
    assert canton.base_urls == ("https://b.example/api/scan", "https://a.example/api/scan")
    assert describe(read_settings(environment | given)).startswith(
        "CANTON_BASE_URL=https://b.example/api/scan,https://a.example/api/scan "
    )


@pytest.mark.parametrize("show", [str, repr, describe], ids=["str", "repr", "describe"])
def test_secrets_are_not_shown(environment, tmp_path, show):
    key = tmp_path / "key.pem"
    key.write_text("-")
    secrets = {
        "SNOWFLAKE_PRIVATE_KEY_PATH": str(key),
        "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": "hunter2-passphrase",
        "SLACK_WEBHOOK_URL": "https://hooks.slack.example/hunter2",
    }
    shown = show(read_settings(environment | secrets))
    assert "hunter2" not in shown
    assert "**********" in shown


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"SNOWFLAKE_USER": ""}, id="another is missing"),
        pytest.param({"SNOWFLAKE_PORT": "x"}, id="another is refused"),
        pytest.param({"SNOWFLAKE_PASSWROD": "hunter2"}, id="it is misspelt"),
    ],
)
@pytest.mark.parametrize("read", [read_settings, read_snowflake])
def test_secrets_are_not_in_the_traceback_of_what_is_wrong(environment, read, change):
    with pytest.raises(SettingsWrong) as refused:
        read(environment | change)
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


def test_described_settings_are_those_that_have_a_value(environment):
    assert describe(read_settings(environment)).split()[:5] == [
        "CANTON_BASE_URL=https://scan.example/api/scan",
        "CANTON_PAGE_SIZE=1000",
        "CANTON_TIMEOUT_SECONDS=60",
        "CANTON_CLOCK=real",
        "LANDING_BUCKET=landing",
    ]


def test_the_warehouse_can_be_read_alone(environment):
    alone = {name: value for name, value in environment.items() if name.startswith("SNOWFLAKE")}
    assert read_snowflake(alone) == read_settings(environment).snowflake
    with pytest.raises(SettingsWrong, match="setting SNOWFLAKE_ACCOUNT is missing"):
        read_snowflake({})


def test_slack_can_be_read_alone():
    url = "https://hooks.slack.example/x"
    assert read_slack({"SLACK_WEBHOOK_URL": url}).webhook_url == SecretStr(url)
    assert read_slack({}).webhook_url is None


def test_a_local_warehouse_does_not_go_with_the_bucket_of_a_real_account(environment):
    settings = read_settings({**environment, "SNOWFLAKE_PROTOCOL": "http"})
    with pytest.raises(SettingsWrong, match="AWS_ENDPOINT_URL_S3"):
        refuse_mixture(settings, {"AWS_PROFILE": "production"})
    refuse_mixture(settings, {"AWS_ENDPOINT_URL_S3": "http://localhost:4566"})
    own = read_settings(environment)
    refuse_mixture(own, {"AWS_PROFILE": "production"})
    refuse_mixture(own, {"AWS_ENDPOINT_URL_S3": "https://x.s3.us-east-1.vpce.amazonaws.com"})
    with pytest.raises(SettingsWrong, match="AWS_ENDPOINT_URL_S3"):
        refuse_mixture(settings, {"AWS_ENDPOINT_URL_S3": "https://s3.us-east-1.amazonaws.com"})
    with pytest.raises(SettingsWrong, match="the bucket an emulator's"):
        refuse_mixture(own, {"AWS_ENDPOINT_URL": "http://localhost:4566"})


def test_a_lock_is_waited_for_longer_than_snowflake_lets_an_idle_transaction_hold_it():
    assert IDLE_SECONDS == 300
    assert SnowflakeSettings.model_fields["lock_timeout_seconds"].default > IDLE_SECONDS
