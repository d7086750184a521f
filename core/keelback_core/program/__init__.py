"""Program: instructions, operands, the listing, and the Host protocol; the only thing both towers share beside values."""
