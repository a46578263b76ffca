"""``make canary``: the tests with the newest packages there are, and which of them broke it."""
