"""A Slack incoming webhook that keeps what it is sent."""
