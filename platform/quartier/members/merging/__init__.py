"""Two rows for one organisation: found, compared, and made one."""
