"""Tries a stack on an emulator: ``python -m cloud.infra.emulator prod http://127.0.0.1:4566``."""

import json
import sys

from cloud.infra.emulator.apply import apply
from cloud.infra.settings import read_settings

if __name__ == "__main__":
    applied = apply(read_settings(sys.argv[1]), sys.argv[2])
    sys.stdout.write(f"{json.dumps(applied.outputs, indent=1)}\n{applied.report()}\n")
