"""Notebooks executed, pages written."""
