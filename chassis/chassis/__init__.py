"""How every Bookly service runs. Knows no word of the business."""
