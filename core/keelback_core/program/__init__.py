"""Program: instructions, operands, the listing, and the Host protocol; both towers share only this and values."""
