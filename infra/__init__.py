"""What the pipeline runs on in AWS and Snowflake, as a Pulumi program; see docs/cloud.md.

Reads no other Python of ours. Settings, environment and the recorded graph need no engine.
"""
