"""What users can do: each function takes who asks, opens one unit of work and commits once, at its end."""
