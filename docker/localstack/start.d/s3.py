"""Puts S3 on the volume and behind its keys, before LocalStack opens its port."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, "/etc/localstack/init")
import s3_disk
import s3_gate

tempfile.tempdir = "/data"  # where bodies of requests wait: /tmp counts as memory
s3_disk.install(Path("/data/s3"))
s3_gate.install(os.environ["S3_ACCESS_KEY_ID"], os.environ["S3_SECRET_ACCESS_KEY"])
