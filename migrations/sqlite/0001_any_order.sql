CREATE TABLE `store_state` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `job` ADD `number` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE job SET number = CAST(external_id AS INTEGER);--> statement-breakpoint
-- Histories get their final order; runs of the same second may have been the other way round: rebuilt at the next start.
INSERT INTO store_state (key, value) SELECT 'rebuild', '"due"' WHERE EXISTS (SELECT 1 FROM job);--> statement-breakpoint
DROP TABLE `shape_case`;--> statement-breakpoint
CREATE TABLE `__new_suite_history` (
	`suite_id` integer NOT NULL,
	`branch_id` integer NOT NULL,
	`env_id` integer NOT NULL,
	`at` integer NOT NULL,
	`number` integer NOT NULL,
	`job_id` integer NOT NULL,
	`ord` integer NOT NULL,
	`shape_id` integer NOT NULL,
	PRIMARY KEY(`suite_id`, `branch_id`, `env_id`, `at`, `number`, `job_id`, `ord`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_suite_history`("suite_id", "branch_id", "env_id", "at", "number", "job_id", "ord", "shape_id") SELECT h.suite_id, h.branch_id, h.env_id, h.at, j.number, h.job_id, h.ord, h.shape_id FROM `suite_history` h JOIN job j ON j.id = h.job_id ORDER BY 1, 2, 3, 4, 5, 6, 7;--> statement-breakpoint
DROP TABLE `suite_history`;--> statement-breakpoint
ALTER TABLE `__new_suite_history` RENAME TO `suite_history`;--> statement-breakpoint
CREATE TABLE `__new_transition` (
	`case_id` integer NOT NULL,
	`env_id` integer NOT NULL,
	`branch_id` integer NOT NULL,
	`at` integer NOT NULL,
	`number` integer NOT NULL,
	`job_id` integer NOT NULL,
	`ord` integer NOT NULL,
	`result` integer NOT NULL,
	`previous` integer NOT NULL,
	PRIMARY KEY(`case_id`, `env_id`, `branch_id`, `at`, `number`, `job_id`, `ord`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_transition`("case_id", "env_id", "branch_id", "at", "number", "job_id", "ord", "result", "previous") SELECT h.case_id, h.env_id, h.branch_id, h.at, j.number, h.job_id, h.ord, h.result, h.previous FROM `transition` h JOIN job j ON j.id = h.job_id ORDER BY 1, 2, 3, 4, 5, 6, 7;--> statement-breakpoint
DROP TABLE `transition`;--> statement-breakpoint
ALTER TABLE `__new_transition` RENAME TO `transition`;--> statement-breakpoint
ALTER TABLE `shape` ADD `loose` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `shape_suite` ON `shape` (`suite_id`);--> statement-breakpoint
ALTER TABLE `shape` ADD `env_id` integer;--> statement-breakpoint
CREATE INDEX `shape_loose` ON `shape` (`env_id`,`suite_id`) WHERE "shape"."env_id" is not null;