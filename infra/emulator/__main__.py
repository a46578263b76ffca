"""Tries a stack on an emulator: ``python -m infra.emulator prod http://127.0.0.1:4566``."""

import json
import sys

from infra.emulator.apply import apply
from infra.settings import read_settings

if __name__ == "__main__":
    applied = apply(read_settings(sys.argv[1]), sys.argv[2])
    sys.stdout.write(f"{json.dumps(applied.outputs, indent=1)}\n{applied.report()}\n")
