"""Commands on the warehouse and the landing zone, with the settings of the environment.

python -m services migrate            make tables and functions
python -m services quarantine [KEY]   list what waits in quarantine, or show one thing in it
python -m services release KEY        set a landed page's offending lines aside
python -m services discard KEY --reason WHY   give up what stands in quarantine, for good
python -m services quality            the latest result of each quality rule, and its trend
python -m services try-rule RULE      what a rule finds in the batches that there are
python -m services sql QUERY          print a query's rows

`quarantine`, `quality`, `try-rule` and `sql` print one JSON object a line with --json. `release`
and `discard` record who acts: --by, or else the user that is logged in to the warehouse.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from services.adapters.snowflake import Warehouse
from services.errors import PipelineError
from services.migrate import migrate
from services.quality_results import latest_results, short_results
from services.quality_trial import find_rule, try_rule
from services.quarantine import Release, release_page
from services.quarantine_work import (
    detail,
    discard,
    find,
    refuse_without_acts,
    report,
    short_entries,
    waiting,
)
from services.settings import read_landing, read_snowflake
from services.tables import print_json, print_table
from services.wiring import open_landing, open_warehouse


def _migrate(_: argparse.Namespace) -> None:
    applied = migrate(open_warehouse(read_snowflake()))
    print(f"applied {', '.join(applied)}" if applied else "nothing to apply")


def _warehouse_with_acts() -> Warehouse:
    warehouse = open_warehouse(read_snowflake())
    with warehouse.session() as session:
        refuse_without_acts(session)
    return warehouse


def _quarantine(options: argparse.Namespace) -> None:
    with _warehouse_with_acts().session() as session:
        found = [find(session, options.key)] if options.key else waiting(session)
    if options.key:
        shown = detail(open_landing(read_landing()), *found)
        print_json([shown]) if options.json else print("\n".join(report(shown)))
    elif options.json:
        print_json(entry.summary() for entry in found)
    else:
        print_table(short_entries(found))


def _release(options: argparse.Namespace) -> None:
    landing, warehouse = open_landing(read_landing()), _warehouse_with_acts()
    _print_release(release_page(landing, warehouse, options.key, options.by))


def _print_release(release: Release) -> None:
    aside = release.line_count - release.kept_count
    print(f"{aside} of {release.line_count} lines set aside in {release.quarantine_key}")
    print(f"the next run loads {release.revision_key} in place of {release.object_key}")


def _discard(options: argparse.Namespace) -> None:
    landing, warehouse = open_landing(read_landing()), _warehouse_with_acts()
    if release := discard(landing, warehouse, options.key, options.reason, options.by):
        _print_release(release)
    print(f"{options.key} is discarded: {options.reason}")


def _quality(options: argparse.Namespace) -> None:
    with open_warehouse(read_snowflake()).session() as session:
        results = latest_results(session)
    print_json(results) if options.json else print_table(short_results(results))


def _try_rule(options: argparse.Namespace) -> None:
    rule = find_rule(options.rule)
    warehouse = open_warehouse(read_snowflake())
    tried = try_rule(open_landing(read_landing()), warehouse, rule)
    (print_json if options.json else print_table)(tried)


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
    add("quarantine", _quarantine).add_argument("key", metavar="KEY", nargs="?")
    add("release", _release).add_argument("key", metavar="KEY")
    add("discard", _discard).add_argument("key", metavar="KEY")
    commands.choices["discard"].add_argument("--reason", required=True)
    for name in ("release", "discard"):
        commands.choices[name].add_argument("--by")
    add("try-rule", _try_rule).add_argument("rule", metavar="RULE")
    add("quality", _quality)
    add("sql", _sql).add_argument("query", metavar="QUERY")
    for name in ("quarantine", "quality", "try-rule", "sql"):
        commands.choices[name].add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        options.command(options)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
