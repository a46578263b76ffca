from tests.contract.snowflake.server import key_pair, local_snowflake, s3_settings

__all__ = ["key_pair", "local_snowflake", "s3_settings"]
