"""The course of one run: its state and step, and what its activities have done."""
