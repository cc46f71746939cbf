"""The steps of a quotation: activities that may run any number of times and take effect once."""
