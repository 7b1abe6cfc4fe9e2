-- Undo the second revision.
DROP INDEX samples_by_barcode, samples_by_update, samples_alphabetical, documents_by_update, documents_alphabetical;
CREATE INDEX samples_barcode_prefix ON samples (barcode text_pattern_ops);
