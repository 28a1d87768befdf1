DROP INDEX `job_end`;--> statement-breakpoint
-- Descriptions are found by their trigrams alone; new texts are taken in once a transaction (store/fresh-texts.ts).
DROP INDEX `job_description`;--> statement-breakpoint
DROP TRIGGER `job_search_insert`;--> statement-breakpoint
DROP TRIGGER `test_case_search_insert`;
