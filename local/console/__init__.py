"""The output and prompts of `make` commands, for services run here and in the stack."""
