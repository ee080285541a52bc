"""Times on the wall clock and calendars as text: what RFC 5545 says and no service owns."""
