"""A local Snowflake: fakesnow (DuckDB) behind a server of our own."""
