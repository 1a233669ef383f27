"""Run the product on one machine: private PostgreSQL, first account, supervised processes."""
