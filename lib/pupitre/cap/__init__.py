"""Where the commune goes: what was asked for, the objectives, who does what, when, and how one will know."""
