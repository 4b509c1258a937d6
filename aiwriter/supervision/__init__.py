"""What `aiwriter up` is made of: parts that are started in order, kept alive, named when they fail, and stopped."""
