CREATE TABLE `live_job` (
	`job_id` integer PRIMARY KEY NOT NULL,
	`source_id` integer NOT NULL,
	`watched_at` integer,
	`told_at` integer,
	`as_of` integer,
	`state` integer,
	`health` integer,
	`start_at` integer,
	`status` text,
	`reason` text,
	`line_count` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `live_piece` (
	`job_id` integer NOT NULL,
	`from_line` integer NOT NULL,
	`lines` integer NOT NULL,
	`bytes` integer NOT NULL,
	`body` blob NOT NULL,
	PRIMARY KEY(`job_id`, `from_line`)
);
