"""How English is read aloud: numbers, dates, money and the like, as rules for `text.rewrite`."""
