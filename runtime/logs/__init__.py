"""Log lines: their form, and the ids by which those of one request or quotation are found together."""
