"""The local environment: two places where the pipeline runs on a laptop, and their commands."""
