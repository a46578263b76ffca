"""Parliament's findings in policies: reads policies by name from standard input, writes JSON.

A program of its own, for parliament needs an older setuptools than the environment has. Its own
command would write a log into a folder that everybody shares.
"""

import json
import sys

from parliament import analyze_policy_string  # pyright: ignore[reportMissingImports]

found = [
    {"policy": name, "issue": finding.issue, "detail": finding.detail}
    for name, policy in json.load(sys.stdin).items()
    for finding in analyze_policy_string(json.dumps(policy)).findings
]
json.dump(found, sys.stdout)
