CREATE TABLE `agent` (
	`source_id` integer PRIMARY KEY NOT NULL,
	`stream` text NOT NULL,
	`term` integer NOT NULL,
	`held` integer NOT NULL,
	`held_hash` blob,
	`was_read` integer DEFAULT false NOT NULL,
	`generation` integer DEFAULT 0 NOT NULL,
	`heard_at` integer NOT NULL,
	`clock_offset` integer NOT NULL,
	`waiting` text NOT NULL,
	`inbox_bytes` integer DEFAULT 0 NOT NULL,
	`probe` blob,
	`fleet` blob
);
--> statement-breakpoint
CREATE TABLE `agent_question` (
	`key` text PRIMARY KEY NOT NULL,
	`source_id` integer NOT NULL,
	`asked_at` integer NOT NULL,
	`question` text NOT NULL,
	`answer` blob
);
--> statement-breakpoint
CREATE TABLE `inbox` (
	`source_id` integer NOT NULL,
	`term` integer NOT NULL,
	`sequence` integer NOT NULL,
	`kind` text NOT NULL,
	`size` integer NOT NULL,
	`body` blob NOT NULL,
	PRIMARY KEY(`source_id`, `term`, `sequence`)
);
--> statement-breakpoint
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
