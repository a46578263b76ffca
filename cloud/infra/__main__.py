"""The program of ``pulumi up`` in cloud/infra/: builds the selected stack, exports its outputs."""

import subprocess
import sys
from pathlib import Path

import pulumi

from cloud.infra.digest import digest
from cloud.infra.program import build
from cloud.infra.settings import read_settings

for name, value in build(read_settings(pulumi.get_stack())).items():
    pulumi.export(name, value)
# Which graph was made, so that a deploy knows whether it is the one that it plans with. It is
# recorded under mocks, which this process must not have.
graph = subprocess.run(
    [sys.executable, "-m", "cloud.infra.graph", pulumi.get_stack()],
    cwd=Path(__file__).parents[2], check=True, capture_output=True, text=True,
).stdout  # fmt: skip
pulumi.export("graph", digest(graph))
