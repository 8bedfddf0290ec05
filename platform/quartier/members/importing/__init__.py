"""Lists of members from elsewhere: read, looked at line by line, and taken in once somebody has confirmed."""
