"""What the command line's verbs do: each reads its input, calls a service, and shows the outcome."""
