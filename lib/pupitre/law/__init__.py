"""Dated figures of law, prices and references."""
