-- One index for each order of a list, both ways; pages go on from (value, id). See docs/decisions/sorting.md.
-- The collation is always "C": what a cluster's own collation says may change with its operating system.

-- It finds the beginnings of barcodes, too.
DROP INDEX samples_barcode_prefix;
CREATE INDEX samples_by_barcode ON samples (barcode COLLATE "C", id);
CREATE INDEX samples_by_update ON samples (updated_at, id);
CREATE INDEX samples_alphabetical ON samples (
    replace(replace(lower(normalize(name, NFD) COLLATE "C"), 'ı', 'i'), U&'i\0307', 'i'), id
);

CREATE INDEX documents_by_update ON documents (updated_at, id);
CREATE INDEX documents_alphabetical ON documents (
    replace(replace(lower(normalize(title, NFD) COLLATE "C"), 'ı', 'i'), U&'i\0307', 'i'), id
);
