"""Routes by resource: each reads a request, calls one service, and gives a document back."""
