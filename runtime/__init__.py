"""The parts that gateway and worker share: settings, the connection to Temporal, logging, start and end."""
