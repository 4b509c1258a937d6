"""AI-Writer: from a brief to a checked, cited, stored article."""

__version__ = "0.1.0"
