"""Streamlit: st.connection("snowflake"), its query, write_pandas and session, in a page."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import pandas as pd  # noqa: PLC0415 -- Streamlit runs the function's own text
    import streamlit as st  # noqa: PLC0415

    connection = st.connection("snowflake")
    frame = pd.DataFrame({"N": [1, 2], "S": ["x", "y"]})
    with connection.cursor() as cursor:
        cursor.execute("create or replace table shown (n int, s string)")
    connection.write_pandas(frame, "SHOWN")
    st.dataframe(connection.query("select n, s from shown order by n", ttl=0))
    st.dataframe(connection.session().table("shown").filter("n > 1").to_pandas())


app = AppTest.from_function(page, default_timeout=60).run()
assert not app.exception, app.exception[0].stack_trace
shown, filtered = (element.value for element in app.dataframe)
assert shown.to_dict("list") == {"N": [1, 2], "S": ["x", "y"]}
assert filtered.to_dict("list") == {"N": [2], "S": ["y"]}
