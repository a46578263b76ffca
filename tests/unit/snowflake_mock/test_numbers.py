"""Snowflake's arithmetic of NUMBER, by the letter of its documentation."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.snowflake.dialect.arithmetic import Number, product_type, quotient_type
from mocks.snowflake.dialect.combining import common_types
from mocks.snowflake.number_functions import divide, multiply

TEN_PLACES = st.integers(-(10**22), 10**22)


@pytest.mark.parametrize(
    ("a", "b", "product", "quotient"),
    [  # https://docs.snowflake.com/en/sql-reference/operators-arithmetic
        (Number(10, 4), Number(3, 2), Number(13, 6), Number(18, 10)),
        (Number(18, 12), Number(22, 14), Number(28, 14), Number(32, 12)),
        (Number(10, 2), Number(12, 3), Number(22, 5), Number(19, 8)),
        (Number(38, 10), Number(38, 10), Number(38, 12), Number(38, 12)),
        (Number(38, 18), Number(18, 8), Number(38, 18), Number(38, 18)),
        (Number(38, 0), Number(38, 0), Number(38, 0), Number(38, 6)),
        (Number(1, 0), Number(1, 0), Number(2, 0), Number(7, 6)),
    ],
)
def test_types_of_products_and_quotients(
    a: Number, b: Number, product: Number, quotient: Number
) -> None:
    assert (product_type(a, b), quotient_type(a, b)) == (product, quotient)


@given(TEN_PLACES, TEN_PLACES)
def test_a_product_is_rounded_once_half_away_from_zero(a: int, b: int) -> None:
    product = multiply(f"{a}e-10", f"{b}e-10", 12)
    away = (abs(a * b) + 5 * 10**7) // 10**8

    assert Fraction(product) * 10**12 == (away if a * b >= 0 else -away)


@pytest.mark.parametrize(
    ("a", "b", "scale", "product"),
    [
        ("0.5", "0.1", 1, "0.1"),
        ("-0.5", "0.1", 1, "-0.1"),
        ("0.25", "0.1", 2, "0.03"),
        ("0.2499999", "0.1", 2, "0.02"),
        ("9999999999999999999", "1.000000000000000001", 18, "10000000000000000008.999999999999999999"),  # noqa: E501
    ],
)  # fmt: skip
def test_halves_go_away_from_zero(a: str, b: str, scale: int, product: str) -> None:
    assert multiply(a, b, scale) == product


def test_more_than_38_digits_are_an_error() -> None:
    with pytest.raises(OverflowError, match="out of representable range"):
        multiply("99999999999999999999", "2", 18)


@pytest.mark.parametrize(
    ("a", "b", "scale", "quotient"),
    [("1", "3", 6, "0.333333"), ("-2", "3", 6, "-0.666667"), ("1", "8", 2, "0.13")],
)
def test_quotients_are_rounded(a: str, b: str, scale: int, quotient: str) -> None:
    assert divide(a, b, scale) == quotient


@pytest.mark.parametrize("zero", ["0", "0.0000000000", "-0"])
def test_a_zero_divisor_is_an_error(zero: str) -> None:
    with pytest.raises(ZeroDivisionError):
        divide("1", zero, 6)


@pytest.mark.parametrize(
    ("kinds", "common"),
    [
        (["DECIMAL(38,10)", "DECIMAL(38,18)"], ["DECIMAL(38, 18)", "DECIMAL(38, 18)"]),
        (["DECIMAL(10,2)", "DECIMAL(12,4)"], ["DECIMAL(10,2)", "DECIMAL(12,4)"]),
        (["DECIMAL(38,10)", "HUGEINT"], ["DECIMAL(38, 10)", "HUGEINT"]),
        (["DECIMAL(38,10)", "DOUBLE"], ["DECIMAL(38,10)", "DOUBLE"]),
        (["JSON", "VARCHAR", '"NULL"'], ["JSON", "JSON", '"NULL"']),
        (["VARCHAR", "VARCHAR"], ["VARCHAR", "VARCHAR"]),
    ],
)
def test_values_in_one_place_take_the_larger_scale(kinds: list[str], common: list[str]) -> None:
    assert common_types(kinds) == common
