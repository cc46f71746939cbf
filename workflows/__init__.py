"""The quotation as a Temporal workflow: the order of the steps, and the status during them."""
