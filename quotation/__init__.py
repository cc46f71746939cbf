"""What every side shares: request, status, error codes, texts, identities and messages.

No module in here does I/O or reads a clock, so gateway, activities and Temporal's workflow sandbox can all
import it.
"""
