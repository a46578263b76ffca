"""The options of CREATE DYNAMIC TABLE.

https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table
"""

import re

from sqlglot import exp

from mocks.snowflake.errors import invalid, unsupported

_LAG = re.compile(r"(\d+)\s+(second|minute|hour|day)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LEAST_SECONDS = 60
_MODES = ("AUTO", "FULL", "INCREMENTAL")


def options(made: exp.Create) -> dict[str, str]:
    """The definition's TARGET_LAG, WAREHOUSE, REFRESH_MODE and COMMENT."""
    given: dict[str, str] = {}
    for option in made.args["properties"].expressions:
        if isinstance(option, exp.SchemaCommentProperty):
            given["COMMENT"] = option.this.name
        elif type(option) is exp.Property:
            given[option.name.upper()] = option.args["value"].name
        elif not isinstance(option, exp.DynamicProperty):
            raise unsupported(f"{type(option).__name__.removesuffix('Property')} of dynamic tables")
    return _checked(given)


def _checked(given: dict[str, str]) -> dict[str, str]:
    wanted = {name: given.pop(name, "") for name in ("TARGET_LAG", "WAREHOUSE")}
    if missing := [name for name, value in wanted.items() if not value]:
        raise invalid(f"syntax error: a dynamic table needs {' and '.join(missing)}")
    mode, start = given.pop("REFRESH_MODE", "AUTO").upper(), given.pop("INITIALIZE", "ON_CREATE")
    comment = given.pop("COMMENT", "")
    if given:
        raise unsupported(f"{', '.join(given)} of dynamic tables")
    if mode not in _MODES:
        raise invalid(f"invalid value '{mode}' for property 'REFRESH_MODE'")
    if start.upper() != "ON_CREATE":
        raise unsupported(f"INITIALIZE = {start.upper()}", "nothing is refreshed by schedule")
    return {
        "target_lag": checked_lag(wanted["TARGET_LAG"]),
        "warehouse": wanted["WAREHOUSE"].upper(),
        "refresh_mode": mode,
        "comment": comment,
    }


def checked_lag(text: str) -> str:
    """A TARGET_LAG as it was written.

    Raises:
        StatementFailed: 1003 for what is none, or less than a minute.
    """
    if text.upper() == "DOWNSTREAM":
        return "DOWNSTREAM"
    found = _LAG.fullmatch(text.strip())
    if found is None or int(found[1]) * _SECONDS[found[2].lower()] < _LEAST_SECONDS:
        raise invalid(f"invalid value '{text}' for property 'TARGET_LAG': at least 60 seconds")
    return text
