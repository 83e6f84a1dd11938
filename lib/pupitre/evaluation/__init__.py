"""What was promised against what is measured, and nobody exposed."""
