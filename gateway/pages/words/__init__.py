"""The words of the pages, in each language under the same keys."""
