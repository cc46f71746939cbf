"""How operators watch a process: its metrics, and whether it can work."""
