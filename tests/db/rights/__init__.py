"""The exact rights: what every person may do with every thing in the database, compared with the table of rights."""
