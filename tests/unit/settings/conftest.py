import pytest


@pytest.fixture
def environment():
    """The least that must be set."""
    return {
        "CANTON_BASE_URL": "https://scan.example/api/scan",
        "LANDING_BUCKET": "landing",
        "SNOWFLAKE_ACCOUNT": "local",
        "SNOWFLAKE_USER": "pipeline",
        "SNOWFLAKE_PASSWORD": "hunter2-secret",
    }
