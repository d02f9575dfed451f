"""What stands before the page: who may ask, what is never logged, where dropped files lie."""
