"""Translation of Snowflake SQL to DuckDB SQL: fakesnow's transforms, ours where those are wrong."""
