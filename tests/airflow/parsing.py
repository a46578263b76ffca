"""Airflow's own parser, in Airflow's environment: which of these commands it refuses."""

import contextlib
import json
import os
import sys

from airflow.cli.cli_parser import get_parser


def is_refused(words: list[str]) -> bool:
    """Tell whether the words after `airflow` are no command of it."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):  # noqa: PTH123
        try:
            get_parser().parse_args(words)
        except SystemExit:
            return True
    return False


json.dump([words for words in json.load(sys.stdin) if is_refused(words)], sys.stdout)
