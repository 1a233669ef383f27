"""Fit the decoder's styles to a recording of known words, by gradient steps, without torch."""
