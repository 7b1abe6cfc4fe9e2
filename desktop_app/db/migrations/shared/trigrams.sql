-- Search, one way on every server: the trigrams of a text, for GIN indexes over text[].
--
-- A row can only match ILIKE '%word%' if it has every trigram of the word, so `trigrams(row) @> trigrams(word)` finds
-- the candidates and ILIKE is the re-check. Both sides are lowered by the same lower(), which is what ILIKE compares by.
-- The characters are split once and read through three shifted copies: substr() would count UTF-8 bytes from the start
-- for every trigram (three times slower at 1,000 characters). unnest() of several arrays is syntax, which PostgreSQL
-- itself takes to pg_catalog; nobody but the owner can make operators or functions on this path in any case.
CREATE FUNCTION public.trigrams(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    letters CONSTANT text[] := pg_catalog.string_to_array(pg_catalog.lower(content), NULL);
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT (first || second || third) COLLATE pg_catalog."C"
        FROM unnest(letters, letters[2:], letters[3:]) AS shifted (first, second, third)
        WHERE third IS NOT NULL
    );
END
$$;
REVOKE ALL ON FUNCTION public.trigrams(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.trigrams(text) TO labkeep_owner, labkeep_app;
