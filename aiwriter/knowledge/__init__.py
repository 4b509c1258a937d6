"""What is known from sources and from stored articles: passages and the vectors that find them."""
