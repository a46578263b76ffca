"""Takes over what the volume holds before LocalStack calls itself ready; then keeps saving."""

import sys

sys.path.insert(0, "/etc/localstack/init")
from s3_snapshot import SNAPSHOT, keep_saving, restore_or_end

restore_or_end(SNAPSHOT)
keep_saving(SNAPSHOT)
