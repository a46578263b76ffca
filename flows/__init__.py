"""Prefect flows, one file each; what they do lives in `services`."""
