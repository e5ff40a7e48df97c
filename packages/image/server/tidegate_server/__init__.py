"""The model server that Tidegate puts into an inference image."""
