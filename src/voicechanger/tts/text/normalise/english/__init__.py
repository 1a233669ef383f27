"""English: rules for numbers, dates, money and other written forms, for `normalise.rewrite`."""
