"""The data that all sides share: request, status, error codes, texts, identities and messages.

No module here does I/O or reads a clock, so gateway, activities and Temporal's workflow sandbox can import it.
"""
