-- What changed is kept with the run and not as rows of its own: found by a rebuild at the next start.
INSERT INTO store_state (key, value) SELECT 'rebuild', '"due"' WHERE EXISTS (SELECT 1 FROM job) ON CONFLICT DO NOTHING;--> statement-breakpoint
DROP TABLE `transition`;--> statement-breakpoint
DROP TABLE `flip_day`;--> statement-breakpoint
CREATE TABLE `flip_day` (
	`env_id` integer NOT NULL,
	`day` integer NOT NULL,
	`flips` blob NOT NULL,
	PRIMARY KEY(`env_id`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `__new_suite_history` (
	`env_id` integer NOT NULL,
	`suite_id` integer NOT NULL,
	`branch_id` integer NOT NULL,
	`at` integer NOT NULL,
	`number` integer NOT NULL,
	`job_id` integer NOT NULL,
	`ord` integer NOT NULL,
	`shape_id` integer NOT NULL,
	`changes` blob,
	PRIMARY KEY(`env_id`, `suite_id`, `branch_id`, `at`, `number`, `job_id`, `ord`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_suite_history`("env_id", "suite_id", "branch_id", "at", "number", "job_id", "ord", "shape_id") SELECT "env_id", "suite_id", "branch_id", "at", "number", "job_id", "ord", "shape_id" FROM `suite_history` ORDER BY 1, 2, 3, 4, 5, 6, 7;--> statement-breakpoint
DROP TABLE `suite_history`;--> statement-breakpoint
ALTER TABLE `__new_suite_history` RENAME TO `suite_history`;
