"""Starting quotations and running them again."""
