DROP INDEX "job_end";--> statement-breakpoint
-- Descriptions are found by their trigrams alone.
DROP INDEX "job_description";
