"""The texts and search attributes of a quotation in Temporal's UI, in English, for operators."""
