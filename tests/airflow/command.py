"""Airflow's own command, in its own environment and with a home of its own."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DAG = ROOT / "examples/airflow/dags/canton_transactions.py"
NAME = DAG.stem
PARSING = Path(__file__).with_name("parsing.py")
COMMAND = ROOT / ".airflow/bin/airflow"
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Airflow:
    """Runs the DAG; its database and logs are under `home`."""

    home: Path

    def make_database(self, environment: Mapping[str, str]) -> None:
        """Make the metadata database, or bring it up to date."""
        done = self._types(environment, "db", "migrate")
        assert done.returncode == 0, done.stdout

    def runs(self, environment: Mapping[str, str], **params: object) -> None:
        """A run of the DAG, which succeeds."""
        done = self.tries(environment, **params)
        assert done.returncode == 0, done.stdout

    def tries(
        self, environment: Mapping[str, str], **params: object
    ) -> subprocess.CompletedProcess[str]:
        """A run of the DAG, with the services that the environment names."""
        return self._types(environment, "dags", "test", NAME, "--conf", json.dumps(params))

    def refused(self, commands: Sequence[Sequence[str]]) -> list[list[str]]:
        """Those of some commands, each without the word `airflow`, that are none."""
        done = subprocess.run(
            [COMMAND.with_name("python"), PARSING], input=json.dumps(commands), check=True,
            env={**os.environ, "AIRFLOW_HOME": str(self.home)}, text=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])

    def _types(
        self, environment: Mapping[str, str], *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        own = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAG.parent),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        }
        return subprocess.run(
            [COMMAND, *arguments], env={**environment, **own}, cwd=self.home, check=False,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
