"""Working tables: what one stage hands to the next within a run. They are not published."""
