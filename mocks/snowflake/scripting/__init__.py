"""Snowflake Scripting: blocks, EXECUTE IMMEDIATE and stored procedures in SQL."""
