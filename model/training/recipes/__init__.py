"""One file a recipe: labels and texts come in, a file of weights goes out."""
