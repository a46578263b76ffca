"""Commands on the warehouse and the landing zone, with the settings of the environment.

python -m services migrate            make tables and functions
python -m services release KEY        set a landed page's offending lines aside
python -m services quarantine         list what was set aside
python -m services sql QUERY          print a query's rows (--json: one JSON object a line)
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from services.errors import PipelineError
from services.migrate import migrate
from services.quarantine import release_page
from services.settings import read_landing, read_snowflake
from services.tables import print_json, print_table
from services.wiring import open_landing, open_warehouse


def _migrate(_: argparse.Namespace) -> None:
    applied = migrate(open_warehouse(read_snowflake()))
    print(f"applied {', '.join(applied)}" if applied else "nothing to apply")


def _release(options: argparse.Namespace) -> None:
    landing = open_landing(read_landing())
    release = release_page(landing, open_warehouse(read_snowflake()), options.key)
    aside = release.line_count - release.kept_count
    print(f"{aside} of {release.line_count} lines set aside in {release.quarantine_key}")
    print(f"the next run loads {release.revision_key} in place of {release.object_key}")


def _quarantine(_: argparse.Namespace) -> None:
    with open_warehouse(read_snowflake()).session() as session:
        print_table(session.query("select * from ops.quarantine order by created_at"))


def _sql(options: argparse.Namespace) -> None:
    with open_warehouse(read_snowflake()).session() as session:
        rows = session.query(options.query)
    (print_json if options.json else print_table)(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 with one or two lines on standard error where it can't be."""
    parser = argparse.ArgumentParser(
        "services", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name)
        sub.set_defaults(command=command)
        return sub

    add("migrate", _migrate)
    add("release", _release).add_argument("key", metavar="KEY")
    add("quarantine", _quarantine)
    sql = add("sql", _sql)
    sql.add_argument("query", metavar="QUERY")
    sql.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        options.command(options)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
