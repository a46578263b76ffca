"""What ``pulumi up`` runs, in infra/: the stack that is selected, its outputs exported."""

import subprocess
import sys
from pathlib import Path

import pulumi

from infra.digest import digest
from infra.program import build
from infra.settings import read_settings

for name, value in build(read_settings(pulumi.get_stack())).items():
    pulumi.export(name, value)
# Which graph was made, so that a deploy knows whether it is the one that it plans with. It is
# recorded under mocks, which this process must not have.
graph = subprocess.run(
    [sys.executable, "-m", "infra.graph", pulumi.get_stack()],
    cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True,
).stdout  # fmt: skip
pulumi.export("graph", digest(graph))
