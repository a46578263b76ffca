"""Programs of this machine, asked for a line or two."""

import subprocess

PATIENCE_SECONDS = 10


def output_of(*command: str, patience_seconds: float = PATIENCE_SECONDS) -> str:
    """Return what a command prints; empty if it is missing, fails or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=patience_seconds
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()
