-- What a flip is has changed: found by a rebuild at the next start.
INSERT INTO store_state (key, value) SELECT 'rebuild', '"due"' WHERE EXISTS (SELECT 1 FROM job) ON CONFLICT DO NOTHING;--> statement-breakpoint
CREATE TABLE `job_gone` (
	`id` integer PRIMARY KEY NOT NULL,
	`source_id` integer NOT NULL,
	`epoch` integer NOT NULL,
	`external_id` text NOT NULL,
	`sees_private` integer NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `job_gone_job` ON `job_gone` (`source_id`,`epoch`,`external_id`,`sees_private`);--> statement-breakpoint
CREATE INDEX `job_gone_at` ON `job_gone` (`source_id`,`sees_private`,`at`);--> statement-breakpoint
ALTER TABLE `source` ADD `sight_version` integer DEFAULT 0 NOT NULL;