"""The corridor: one room a file, from a brief to an article, over ports alone."""
