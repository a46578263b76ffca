"""From Snowflake's SQL to DuckDB's: fakesnow's transforms, with ours where those are wrong."""
