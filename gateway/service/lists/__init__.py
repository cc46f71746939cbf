"""Lists of quotations."""
