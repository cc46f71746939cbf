"""Callers' input where its meaning is certain: blanks, placeholders, numerals, JSON text, digits for texts.

Models, voice platforms and workflow tools fill in what they were not given. Only this package reads their habits,
for bodies, arguments, query parameters and headers alike (docs/reference.md, Request).
"""
