"""Programs with third-party clients: each runs with the packages of a lock file and nothing of ours."""
