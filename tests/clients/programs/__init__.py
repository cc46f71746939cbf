"""Programs that run under a Python of their own, with the packages of a lock file and nothing of ours."""
