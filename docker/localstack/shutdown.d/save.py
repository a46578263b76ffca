"""Saves what changed since the last time."""

import sys

sys.path.insert(0, "/etc/localstack/init")
from s3_snapshot import SNAPSHOT

SNAPSHOT.save()
