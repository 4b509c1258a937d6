"""Reading text without any model: the bottom layer, pure functions over strings."""
