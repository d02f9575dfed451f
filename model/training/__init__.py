"""How the shipped stance weights were made; nothing here is needed to use them."""
