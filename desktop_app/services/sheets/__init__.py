"""Spreadsheets in and out: CSV and XLSX files, and what of a center stands in their rows."""
