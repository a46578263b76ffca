"""Mocks of external systems. They import no other package of ours: each runs alone."""

# Begins the line in which one refuses what another version wrote, or what is broken. Who started
# it adds what to do, and knows it by this (`services.errors` has the same).
STATE_REFUSED = "state refused: "
