"""The DuckDB names of the functions in `scalar_functions.py`."""

MULTIPLY = "_number_multiply"
DIVIDE = "_number_divide"
CHECKED = "_checked_json"
LAST = "_last_json"
TRIED = "_tried_json"
FLOAT_TEXT = "_float_text"
NUMBER_TEXT = "_number_text"
TIME_TEXT = "_time_text"
TIME_OF = "_time_of"
MONTHS_BETWEEN = "_months_between"
IN_UTC = "_in_utc"
IN_ZONE = "_in_zone"
TIME_PARSED = "_time_parsed"
NUMBER_OF = "_number_of"
ROUNDED_UP = "_rounded_up"
ROUNDED_DOWN = "_rounded_down"
PERCENTILE = "_percentile"


def of_variant(called: str) -> str:
    """The name of a function of arrays and objects."""
    return f"_variant_{called.lower()}"
