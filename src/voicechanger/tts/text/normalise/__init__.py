"""Written text to words that can be pronounced, one file per language: numbers, money, dates, units."""
