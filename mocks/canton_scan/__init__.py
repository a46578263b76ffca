"""The Canton Network Scan API of a Super Validator, faithful and steerable."""
