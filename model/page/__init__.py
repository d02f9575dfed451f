"""What the page shows of an Analysis: safe HTML, and the style and script that make it work."""
