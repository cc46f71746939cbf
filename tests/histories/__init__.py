"""Histories of every version of the workflows, which today's code replays."""
