"""What `make` commands print and ask, wherever the services run: here or in the stack."""
