"""The measurements; each runs its sides in turn and adds what it saw to the samples."""
