"""`make up`: the whole stack in Docker Compose. What runs on the host, and what runs inside it."""
