"""Analyses of two to four articles come in; how each treats the parties that they share goes out."""
