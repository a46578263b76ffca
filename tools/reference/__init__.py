"""The pages of docs/reference, written from what they describe."""
