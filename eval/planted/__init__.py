"""Orders that are planted to see whether a written summary obeys them."""
