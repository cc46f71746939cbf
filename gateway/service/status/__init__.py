"""Reading the status of a quotation, and waiting for it to change."""
