"""Barcode scanners type: what was scanned is told from what was typed by its speed, or by a prefix."""
