"""Runs the dashboard in Streamlit's own harness, with its own Python, and prints what it shows.

A line of standard input asks for one run, and a line of standard output answers it:

    {"address": {"page": "Account"}, "settings": {"SNOWFLAKE_DATABASE": "OTHER"}, "inside": false}

`settings` are variables of the pipeline; with `inside`, the app finds a session of Snowpark as it
does inside Snowflake.
"""

import json
import os
import runpy
import sys
from pathlib import Path

import snowflake.connector
import streamlit as st
from snowflake.snowpark import Session
from snowflake.snowpark._internal import utils
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

_FOLDER = Path("local/dashboard").absolute()
_TEXTS = ("title", "subheader", "caption", "info", "error", "warning", "success", "exception")


def rows(frame):
    """A frame's rows; exact decimals and times as text."""
    return json.loads(json.dumps(frame.to_dict("records"), default=str))


def points(chart):
    """The rows that a chart draws."""
    return rows(convert_arrow_bytes_to_pandas_df(chart.proto.datasets[0].data.data))


def open_app(settings, *, inside):
    """The app, which has been asked nothing yet."""
    st.cache_data.clear()
    st.cache_resource.clear()
    os.environ["SNOWFLAKE_CONNECTIONS"] = connections({**os.environ, **settings})
    utils.is_in_stored_procedure = lambda: inside
    if inside:
        snowflake.connector.paramstyle = "qmark"
        Session.builder.configs({"connection": snowflake.connector.connect()}).create()
        del os.environ["SNOWFLAKE_CONNECTIONS"]
    return AppTest.from_file(str(_FOLDER / "streamlit_app.py"), default_timeout=100)


def show(address, settings, inside):
    """Texts by kind, metrics, tables and charts at an address, and the address it has then."""
    app = open_app(settings, inside=inside)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    charts = app.get("vega_lite_chart")
    return {
        **{kind: [one.value for one in app.get(kind)] for kind in _TEXTS},
        "metrics": {one.label: one.value for one in app.metric},
        "tables": [rows(one.value) for one in app.dataframe],
        "charts": [json.loads(one.proto.spec) for one in charts],
        "points": [points(one) for one in charts],
        "address": {name: app.query_params[name] for name in app.query_params},
    }


answers, sys.stdout = sys.stdout, sys.stderr
connections = runpy.run_path(str(_FOLDER / "serve.py"))["connections"]
for line in sys.stdin:
    print(json.dumps(show(**json.loads(line))), file=answers, flush=True)
