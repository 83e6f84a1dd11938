"""What is known of a commune: raw files read, one store built, one `Dossier` loaded.

Belongs: encodings, headers, codes, joins, sources. Does not: any judgement on what the figures mean.
"""
