"""Text and a voice in, samples out.

Imports no database, HTTP or settings: what it needs is passed in.  `engine` is the seam to the rest.
"""
