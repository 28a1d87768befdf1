CREATE TABLE `job_tombstone` (
	`source_id` integer NOT NULL,
	`epoch` integer NOT NULL,
	`external_id` text NOT NULL,
	`env_id` integer NOT NULL,
	`submit_at` integer NOT NULL,
	`removed_at` integer NOT NULL,
	PRIMARY KEY(`source_id`, `epoch`, `external_id`)
);
--> statement-breakpoint
CREATE TABLE `log_removal` (
	`hash` blob PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE `build` ADD `pinned_at` integer;--> statement-breakpoint
ALTER TABLE `build` ADD `pinned_because` text;--> statement-breakpoint
ALTER TABLE `job` ADD `log_removed_at` integer;--> statement-breakpoint
ALTER TABLE `job` ADD `detail_removed_at` integer;--> statement-breakpoint
ALTER TABLE `job` ADD `results_removed_at` integer;--> statement-breakpoint
CREATE INDEX `job_log` ON `job` (`log_id`) WHERE "job"."log_id" is not null;--> statement-breakpoint
ALTER TABLE `source` ADD `retention` text;