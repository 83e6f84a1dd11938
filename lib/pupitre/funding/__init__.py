"""How the programme is paid for."""
