"""``python -m cloud COMMAND``, with what ``make COMMAND`` was given in the environment."""

import os
import pkgutil
import sys

from console.ending import end_with_make
from console.errors import CommandFailed
from console.variables import refuse_unknown
from services.errors import PipelineError

# By name, so that each loads only what it needs.
COMMANDS = {
    "plan": "cloud.planning:plan",
    "deploy": "cloud.deploying:deploy",
    "rollback": "cloud.rolling_back:rollback",
}
VARIABLES = {
    "plan": {"ENV", "FORMAT", "WHY"},
    "deploy": {"ENV", "FORCE", "BUILD", "BASE_IMAGE", "PIP_INDEX_URL"},
    "rollback": {"ENV", "FORCE", "TO"},
}


def main() -> int:
    """Run one command; whatever stops it is said in a line or two."""
    command = sys.argv[1]
    end_with_make()
    try:
        refuse_unknown(command, VARIABLES[command], os.environ)
        return pkgutil.resolve_name(COMMANDS[command])(os.environ)
    except (CommandFailed, PipelineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
