"""What ``pulumi up`` runs, in infra/: the stack that is selected, its outputs exported."""

import pulumi

from infra.program import build
from infra.settings import read_settings

for name, value in build(read_settings(pulumi.get_stack())).items():
    pulumi.export(name, value)
