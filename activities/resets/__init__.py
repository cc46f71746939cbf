"""Resets of a run that another run of the quotation has followed."""

from activities.resets.finding import find_later_run

__all__ = ["find_later_run"]
