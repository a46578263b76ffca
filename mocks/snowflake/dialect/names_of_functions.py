"""The DuckDB names of the functions in `scalar_functions.py`."""

MULTIPLY = "_number_multiply"
DIVIDE = "_number_divide"
CHECKED = "_checked_json"
TRIED = "_tried_json"
FLOAT_TEXT = "_float_text"
NUMBER_TEXT = "_number_text"
TIME_TEXT = "_time_text"
TIME_OF = "_time_of"
MONTHS_BETWEEN = "_months_between"
IN_UTC = "_in_utc"


def of_variant(called: str) -> str:
    """The name of a function of arrays and objects."""
    return f"_variant_{called.lower()}"
