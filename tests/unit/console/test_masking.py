"""Checks that redacted text has no secret in any form, and that the rest stays readable."""

import base64
import json
import time

import pytest

from local.console.masking import masked, secrets_in

SECRET = "s3cr3t/Val+ue=="
PASSWORD = "correct-Horse9"
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
BODY = "\n".join(base64.b64encode(bytes(range(48))).decode() for _ in range(3))
PEM = "-----BEGIN {0}-----\n{1}\n-----END {0}-----".format("RSA PRIVATE KEY", BODY)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # assignments
        pytest.param(f"SNOWFLAKE_PASSWORD={PASSWORD}", "SNOWFLAKE_PASSWORD=***", id="env"),
        pytest.param("export DB_PASSWORD='a b c d'", "export DB_PASSWORD='***'", id="export"),
        pytest.param("SLACK_TOKEN=a b & c;d", "SLACK_TOKEN=***", id="env-to-the-line-s-end"),
        pytest.param("SLACK_TOKEN=*[a b", "SLACK_TOKEN=***", id="env-with-signs"),
        pytest.param('say password="not closed', "say password=***", id="quote-that-is-open"),
        pytest.param(f"PREFECT_AUTH=admin:{PASSWORD}", "PREFECT_AUTH=***", id="auth"),
        pytest.param(f"PREFECT_API_KEY={SECRET}", "PREFECT_API_KEY=***", id="api-key"),
        pytest.param(f"LICENSE_KEY={SECRET}", "LICENSE_KEY=***", id="any-key-in-capitals"),
        pytest.param(
            f"connect(user='u', password='{PASSWORD}')",
            "connect(user='u', password='***')",
            id="call",
        ),
        pytest.param(
            f"connect(password={PASSWORD}, port=1)", "connect(password=***, port=1)", id="bare-call"
        ),
        pytest.param(f"?user=u&password={PASSWORD}&db=x", "?user=u&password=***&db=x", id="query"),
        pytest.param(
            f"&X-Amz-Signature={'0a' * 32}&x=1", "&X-Amz-Signature=***&x=1", id="presigned"
        ),
        pytest.param(f"  POSTGRES_PASSWORD: {PASSWORD}", "  POSTGRES_PASSWORD: ***", id="yaml"),
        pytest.param("  password: four", "  password: ***", id="yaml-short"),
        pytest.param('  password: "a: b"', '  password: "***"', id="yaml-quoted"),
        pytest.param(f"  - AUTH={PASSWORD} x", "  - AUTH=***", id="yaml-list"),
        pytest.param(f"web-1  | TOKEN={PASSWORD} x", "web-1  | TOKEN=***", id="compose-log"),
        pytest.param(f"{{password: {PASSWORD}, x: 1}}", "{password: ***, x: 1}", id="yaml-flow"),
        pytest.param(
            json.dumps({"accessToken": 'a"b c', "x": 1}),
            '{"accessToken": "***", "x": 1}',
            id="json",
        ),
        pytest.param(
            json.dumps({"a": {"secret": PASSWORD}}), '{"a": {"secret": "***"}}', id="json-in-deep"
        ),
        pytest.param(
            json.dumps({"tokens": ["a1", "b2"], "n": 5}),
            '{"tokens": [***], "n": 5}',
            id="json-list",
        ),
        pytest.param(
            json.dumps(json.dumps({"password": PASSWORD, "x": 1})),
            r'"{\"password\": \"***\", \"x\": 1}"',
            id="json-in-json",
        ),
        pytest.param(
            '["API_TOKEN=a b,c", "X=1"]', '["API_TOKEN=***", "X=1"]', id="list-of-a-container"
        ),
        pytest.param(
            json.dumps({"name": "DB_PASSWORD", "value": "a b"}),
            '{"name": "DB_PASSWORD", "value": "***"}',
            id="name-and-value",
        ),
        pytest.param(
            "- name: DB_PASSWORD\n  value: abc\n",
            "- name: DB_PASSWORD\n  value: ***\n",
            id="name-and-value-in-yaml",
        ),
        pytest.param(str({"auth_string": PASSWORD}), "{'auth_string': '***'}", id="repr"),
        pytest.param(f"get(auth=('bob', '{PASSWORD}'), x=1)", "get(auth=(***), x=1)", id="pair"),
        pytest.param(
            f"tool --api-key {SECRET} --port 1", "tool --api-key *** --port 1", id="option"
        ),
        pytest.param(
            f"tool --password={PASSWORD} run", "tool --password=*** run", id="option-with-equals"
        ),
        pytest.param(
            "alter user bob set password = 'it''s mine'",
            "alter user bob set password = '***'",
            id="sql",
        ),
        pytest.param(f"env: PASSWORD={PASSWORD}", "env: PASSWORD=***", id="behind-another-name"),
        pytest.param(f"got=[token={PASSWORD}]", "got=[token=***]", id="within-a-value"),
        pytest.param(
            f"account=ab12.eu user=u password: {PASSWORD}",
            "account=ab12.eu user=u password: ***",
            id="log",
        ),
        # URLs
        pytest.param(
            f"postgresql+asyncpg://prefect:{PASSWORD}@db:5432/prefect",
            "postgresql+asyncpg://***@db:5432/prefect",
            id="url",
        ),
        pytest.param("http://u:p/a@ss@proxy:80/x", "http://***@proxy:80/x", id="url-unescaped"),
        pytest.param(
            "https://token@host/x,https://b/", "https://***@host/x,https://b/", id="url-token"
        ),
        pytest.param(
            f"snowflake://bob:{PASSWORD}@acct/db?x=1",
            "snowflake://***@acct/db?x=1",
            id="snowflake-url",
        ),
        # headers and tokens
        pytest.param(f"Authorization: Bearer {SECRET}", "Authorization: ***", id="header"),
        pytest.param(
            f"-H 'Authorization: Digest {SECRET}'", "-H 'Authorization: ***'", id="header-in-quotes"
        ),
        pytest.param(
            f'authorization: Snowflake Token="{SECRET}"', "authorization: ***", id="snowflake-token"
        ),
        pytest.param("sent basic YWRtaW46c2VjcmV0 to x", "sent basic *** to x", id="basic"),
        pytest.param("got eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln now", "got *** now", id="jwt"),
        pytest.param("with xoxb-1234-abcdef.", "with ***.", id="slack-token"),
        pytest.param(f"{'ghp'}_{'a1' * 18} there", "*** there", id="github"),
        pytest.param(f"pnu_{'a1' * 18} there", "*** there", id="prefect"),
        pytest.param(
            "to https://hooks.slack.com/services/T0/B0/x9 ok",
            "to https://hooks.slack.com/services/*** ok",
            id="webhook",
        ),
        pytest.param(
            "http://relay/services/T012/B345/xyz", "http://relay/services/***", id="relayed-webhook"
        ),
        # AWS
        pytest.param(f"profile with {KEY_ID} in it", "profile with *** in it", id="key-id"),
        pytest.param(
            f"{KEY_ID},{'wJalrXUtnF/EMI+bPxRf' * 2}\n", "***,***\n", id="key-id-and-secret"
        ),
        pytest.param(
            f"aws_secret_access_key = {SECRET}",
            "aws_secret_access_key = ***",
            id="credentials-file",
        ),
        pytest.param("AWS_ACCESS_KEY_ID=somebodys", "AWS_ACCESS_KEY_ID=***", id="key-id-by-name"),
        # keys
        pytest.param(f"before\n{PEM}\nafter", "before\n***\nafter", id="pem"),
        pytest.param(json.dumps({"k": PEM, "x": 1}), '{"k": "***", "x": 1}', id="pem-in-json"),
        pytest.param(f"before\n{PEM[:-40]}", "before\n***", id="pem-without-end"),
        pytest.param(
            f"before\n{PEM[PEM.index(chr(10)) + 1 :]}\nafter",
            "before\n***\nafter",
            id="pem-without-beginning",
        ),
        pytest.param(
            "\n".join(f"a-1  | {x}" for x in PEM.splitlines()), "a-1  | ***", id="pem-in-a-log"
        ),
    ],
)
def test_what_is_named_or_looks_like_a_secret_is_hidden(text, shown):
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "line",
    [
        "06:28:53 | bronze: batch 1 committed, 20,061 rows up to 4/2026-11-21T06:28:39.905729Z",
        "put s3://canton-landing/canton/mock/2026/11/21/key=value.json.gz: 503 Slow Down",
        "GET http://127.0.0.1:5012/api/scan/v0/updates?page_size=1000 200",
        "http://a:80/x?mail=me@example.com, then https://b/c@d",
        "port 4200 is taken by python (process 12): make up PREFECT_PORT=… chooses another",
        "wrong password: make reset starts over",
        "basic authentication is on; the bearer tokens are checked",
        "the task_key=land-0 and idempotency_key=abcdef1 of landing_key: canton/x",
        "KEY=canton/mock/4/2026-11-21.json.gz",
        "SNOWFLAKE_PRIVATE_KEY_FILE=/run/secrets/warehouse_key",
        "AWS_ACCESS_KEY_ID=local",
        "PWD=/srv/clone",
        "OLDPWD_NAME: x, authenticator='snowflake_jwt', author=somebody",
        "PREFECT_API_AUTH_STRING: ${PREFECT_AUTH}",
        "token_count=120 tokens=12 secret=none",
        '{"name": "USER", "value": "pipeline"}',
        '{"password": null, "auth": {"method": "basic"}, "tokens": []}',
        "secrets:\n  postgres_password:\n    file: .stack/postgres_password",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "make: *** [Makefile:30: up] Error 1",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B\n-----END PUBLIC KEY-----",
    ],
)
def test_ordinary_lines_stay_as_they_are(line):
    assert masked(line) == line


def test_given_secrets_are_hidden_wherever_they_stand_and_however_they_are_spelt():
    secrets = {'wei"rd pass/word', "wei"}
    text = f'said wei"rd pass/word, {json.dumps([max(secrets, key=len)])}, wei%22rd%20pass%2Fword'
    assert masked(text, secrets) == 'said ***, ["***"], ***'


def test_the_longest_secret_goes_first():
    assert masked("admin:hunter22 hunter22", ["hunter22", "admin:hunter22"]) == "*** ***"


def test_short_values_are_words():
    assert masked("the local stack", ["local", "", "stack "]) == "the local stack"


def test_an_environment_s_secrets_are_found_by_name_and_within_urls():
    environment = {
        "SNOWFLAKE_PASSWORD": PASSWORD,
        "PREFECT_AUTH": "admin:swordfish1",
        "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x9",
        "HTTPS_PROXY": "http://me:pa%24sword@proxy:3128",
        "AWS_ACCESS_KEY_ID": "local",
        "SNOWFLAKE_PRIVATE_KEY_FILE": "/keys/one.p8",
        "HOME": "/home/somebody",
        "ODD": "http://[half",
        "AUTHOR_EMAIL": "somebody@example.com",
    }
    assert secrets_in(environment) == {
        PASSWORD,
        "admin:swordfish1",
        "swordfish1",
        "https://hooks.slack.com/services/T0/B0/x9",
        "pa%24sword",
        "pa$sword",
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("A9+/" * 100_000, id="one-long-word"),
        pytest.param("password" * 40_000, id="a-name-without-end"),
        pytest.param("a-token.b-" * 40_000, id="a-name-with-dots"),
        pytest.param("http://x" * 10_000, id="urls"),
        pytest.param(f"{'0a' * 32}\n" * 6_000, id="digests"),
        pytest.param('{"token": "\\' * 20_000, id="quotes-that-never-close"),
    ],
)
def test_odd_text_takes_no_time(text):
    before = time.process_time()
    masked(text)
    assert time.process_time() - before < 5
