"""The steps of a quotation: each an activity that may run any number of times and takes effect once."""
