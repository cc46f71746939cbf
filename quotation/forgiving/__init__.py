"""Lenient parsing of caller input: blanks, placeholders, numerals, JSON text, digits as text.

Models, voice platforms and workflow tools fill in what they were not given. Only this package reads their habits,
for bodies, arguments, query parameters and headers alike (docs/reference.md, Request).
"""
