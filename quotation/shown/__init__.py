"""The texts about a quotation in Temporal's UI, in English and in Markdown, for operators."""
