"""Gradient steps on the decoder's styles, without torch: the tape, the decoder's gradient and their examples."""
