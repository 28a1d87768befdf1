CREATE TABLE `failure_group` (
	`id` integer PRIMARY KEY NOT NULL,
	`fingerprint` text NOT NULL,
	`kind` integer NOT NULL,
	`failure_class` integer NOT NULL,
	`title` text NOT NULL,
	`why` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `failure_group_fingerprint` ON `failure_group` (`fingerprint`);--> statement-breakpoint
CREATE TABLE `failure_occurrence` (
	`env_id` integer NOT NULL,
	`at` integer NOT NULL,
	`group_id` integer NOT NULL,
	`job_id` integer NOT NULL,
	`line` integer,
	PRIMARY KEY(`env_id`, `at`, `group_id`, `job_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `failure_occurrence_group` ON `failure_occurrence` (`group_id`,`env_id`,`at`);--> statement-breakpoint
CREATE INDEX `failure_occurrence_job` ON `failure_occurrence` (`job_id`);--> statement-breakpoint
CREATE TABLE `job_failure` (
	`job_id` integer PRIMARY KEY NOT NULL,
	`env_id` integer NOT NULL,
	`facts` text NOT NULL
);
