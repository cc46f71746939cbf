"""The operators' command line: `python -m operate`, thin over the gateway's service."""
