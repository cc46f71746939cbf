"""docker-compose.yml as it is shipped, run with an engine."""
