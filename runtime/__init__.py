"""What every process needs to start: settings, the connection to Temporal, logging and a clean end."""
