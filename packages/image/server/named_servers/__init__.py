"""Servers that a base brings: how each is started under SageMaker's contract, and translated where it does not speak it."""
