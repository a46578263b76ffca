"""What Snowflake refreshes, records or runs by itself, here on demand: dynamic tables and more."""
