"""Drawing in the style of the project."""
