"""The REST interface, for voice agents and programs."""
