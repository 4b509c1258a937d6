"""What holds rows against expectations, made of Great Expectations, and its pages made readable offline."""
