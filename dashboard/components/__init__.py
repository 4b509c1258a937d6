"""What pages are made of: each component draws one thing and knows nothing of the API."""
