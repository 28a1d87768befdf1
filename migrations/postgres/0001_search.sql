-- As in SQLite, so that one text of SQL serves both.
CREATE FUNCTION instr(haystack text, needle text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN strpos(haystack, needle);--> statement-breakpoint
CREATE INDEX "job_start_order" ON "job" (coalesce("start_at", -1), "id");--> statement-breakpoint
CREATE INDEX "job_end_order" ON "job" (coalesce("end_at", -1), "id");--> statement-breakpoint
-- Names by their beginning, and by what they contain (see store/text-index.ts). No entry of an index may be long.
CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE INDEX "test_case_prefix" ON "test_case" (left(lower("name"), 200));--> statement-breakpoint
CREATE INDEX "test_case_search" ON "test_case" USING gin (lower("name" COLLATE "und-x-icu") gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "job_description" ON "job" (left(lower("description"), 200));--> statement-breakpoint
CREATE INDEX "job_search" ON "job" USING gin (lower("description" COLLATE "und-x-icu") gin_trgm_ops);
