"""The quotation as a Temporal workflow: which step follows which, and what its status is meanwhile."""
