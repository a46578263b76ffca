"""The infrastructure that the pipeline runs on in AWS and Snowflake, as a Pulumi program.

See docs/cloud-infrastructure.md.

Reads no other Python of ours. Settings, environment and the recorded graph need no engine.
"""
