"""Session parameters: which exist here, what they default to, what they may be.

Names and defaults: https://docs.snowflake.com/en/sql-reference/parameters
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mocks.snowflake.errors import StatementFailed, compilation, unsupported

Value = str | int | bool


@dataclass(frozen=True)
class Parameter:
    """A session parameter: its kind follows from its default."""

    default: Value
    only: tuple[Value, ...] = ()
    """The only values that are taken, if set: with others, Snowflake's answers would be others."""


RESULT_FORMAT = "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT"
_FORMAT = Parameter("AUTO", only=("AUTO",))
_AT = "YYYY-MM-DD HH24:MI:SS.FF3"
_AS_TIMESTAMPS = Parameter("", only=("",))
PARAMETERS: Mapping[str, Parameter] = {
    "ABORT_DETACHED_QUERY": Parameter(default=False),
    "AUTOCOMMIT": Parameter(default=True),
    "BINARY_OUTPUT_FORMAT": Parameter("HEX", only=("HEX",)),
    "DATE_INPUT_FORMAT": _FORMAT,
    "DATE_OUTPUT_FORMAT": Parameter("YYYY-MM-DD", only=("YYYY-MM-DD",)),
    "ERROR_ON_NONDETERMINISTIC_MERGE": Parameter(default=True, only=(True,)),
    "ERROR_ON_NONDETERMINISTIC_UPDATE": Parameter(default=False),
    "JS_TREAT_INTEGER_AS_BIGINT": Parameter(default=False),
    "LOCK_TIMEOUT": Parameter(43200),
    "MULTI_STATEMENT_COUNT": Parameter(1, only=(1,)),
    RESULT_FORMAT: Parameter("ARROW", only=("ARROW", "JSON")),
    "QUERY_TAG": Parameter(""),
    "QUOTED_IDENTIFIERS_IGNORE_CASE": Parameter(default=False, only=(False,)),
    "ROWS_PER_RESULTSET": Parameter(0, only=(0,)),
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": Parameter(0),
    "STATEMENT_TIMEOUT_IN_SECONDS": Parameter(172800),
    "TIMESTAMP_INPUT_FORMAT": _FORMAT,
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": _AS_TIMESTAMPS,
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": Parameter(_AT, only=(_AT,)),
    "TIMESTAMP_OUTPUT_FORMAT": Parameter(f"{_AT} TZHTZM", only=(f"{_AT} TZHTZM",)),
    "TIMESTAMP_TYPE_MAPPING": Parameter("TIMESTAMP_NTZ", only=("TIMESTAMP_NTZ",)),
    "TIMESTAMP_TZ_OUTPUT_FORMAT": _AS_TIMESTAMPS,
    "TIMEZONE": Parameter("UTC", only=("UTC", "ETC/UTC")),
    "TIME_OUTPUT_FORMAT": Parameter("HH24:MI:SS", only=("HH24:MI:SS",)),
    "TRANSACTION_DEFAULT_ISOLATION_LEVEL": Parameter("READ COMMITTED", only=("READ COMMITTED",)),
    "TWO_DIGIT_CENTURY_START": Parameter(1970, only=(1970,)),
    "USE_CACHED_RESULT": Parameter(default=True),
    "WEEK_OF_YEAR_POLICY": Parameter(0, only=(0,)),
    "WEEK_START": Parameter(0, only=(0,)),
}
CLIENT_PREFIX = "CLIENT_"
"""The prefix of parameters for drivers alone; they are kept and otherwise ignored."""
_TRUE, _FALSE = frozenset({"true", "on", "yes", "1"}), frozenset({"false", "off", "no", "0"})


class Parameters:
    """A session's parameters; `changed` hears of each that is set or unset."""

    def __init__(self, changed: Callable[[str, Value], None]) -> None:
        self._changed = changed
        self._values: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        return self._values.get(name, _known(name).default)

    def set(self, name: str, value: object) -> None:
        """Give a parameter a value.

        Raises:
            StatementFailed: No such parameter, a value of another kind, or one that would be
            ignored.
        """
        name = name.upper()
        parsed = _parse(name, value)
        only = _known(name).only
        if only and (parsed.upper() if isinstance(parsed, str) else parsed) not in only:
            others = " or ".join(map(str, only)) or "''"
            raise unsupported(f"{name} = {value}", f"only {others} gives right answers here")
        self._values[name] = parsed
        self._changed(name, parsed)

    def unset(self, name: str) -> None:
        """Give a parameter its default again."""
        name = name.upper()
        default = _known(name).default
        self._values.pop(name, None)
        self._changed(name, default)

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, value and default of each, as SHOW PARAMETERS tells them."""
        names = sorted({*PARAMETERS, *self._values})
        return [(name, _text(self[name]), _text(_known(name).default)) for name in names]


def _known(name: str) -> Parameter:
    if name in PARAMETERS:
        return PARAMETERS[name]
    if name.startswith(CLIENT_PREFIX):
        return Parameter("")
    raise compilation(1006, "42000", f"invalid parameter '{name}'")


def _parse(name: str, value: object) -> Value:
    default = _known(name).default
    text = str(value).strip()
    if name.startswith(CLIENT_PREFIX):
        return text
    if isinstance(default, bool):
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
    elif isinstance(default, int):
        if text.isdigit():
            return int(text)
    else:
        return text
    raise StatementFailed(1008, "22023", f"invalid value [{text}] for parameter '{name}'")


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
