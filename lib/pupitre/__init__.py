"""Pupitre: what a commune needs for the digital equipment of its primary schools, and how to pay for it."""
