"""Serves the dashboard over the warehouse that the pipeline's settings name.

Inside Snowflake nothing of this is needed: the app finds its session there. Here Streamlit's
connection is the connector's default one, and this says what that is.
"""

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path

# What the app imports, and what Streamlit's connection does: here, so that no visitor waits for it.
import altair as alt  # noqa: F401
import pandas as pd  # noqa: F401
import snowflake.connector
import snowflake.snowpark  # noqa: F401
from streamlit.web import bootstrap

_APP = Path(__file__).with_name("streamlit_app.py")
_NAMES = ("ACCOUNT", "HOST", "PORT", "PROTOCOL", "USER", "PASSWORD", "WAREHOUSE", "ROLE")


def connections(settings: Mapping[str, str]) -> str:
    """Return the connector's connections, as TOML: one, for the pipeline's warehouse."""
    own = {name.lower(): settings.get(f"SNOWFLAKE_{name}") for name in _NAMES}
    own["database"] = settings.get("SNOWFLAKE_DATABASE") or "CANTON"
    texts = [f"{name} = {json.dumps(value)}" for name, value in own.items() if value]
    return "\n".join(
        [
            "[default]",
            *texts,
            "login_timeout = 10",
            "network_timeout = 60",
            # Or the connector asks three clouds' metadata services who they are.
            "platform_detection_timeout_seconds = 0",
            "session_parameters.TIMEZONE = 'UTC'",
            "session_parameters.QUERY_TAG = 'dashboard'",
            "session_parameters.CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED = false",
        ]
    )


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(
        "local/dashboard/serve.py", description="The dashboard of gold."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    options = parser.parse_args()
    os.environ["SNOWFLAKE_CONNECTIONS"] = connections(os.environ)
    flags = {
        "server_address": options.host,
        "server_port": options.port,
        "server_headless": True,
        "server_fileWatcherType": "none",
        "browser_serverAddress": "127.0.0.1",  # or it asks outside for its own address, to print it
        "browser_gatherUsageStats": False,
        "secrets_files": [],  # a person's own may name their account
        "client_toolbarMode": "minimal",
        "client_showErrorDetails": "none",
    }
    bootstrap.load_config_options(flags)
    bootstrap.run(str(_APP), is_hello=False, args=[], flag_options=flags)


if __name__ == "__main__":
    main()
