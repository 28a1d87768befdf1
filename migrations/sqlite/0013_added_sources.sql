CREATE TABLE `added_source` (
	`slug` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`url` text NOT NULL,
	`visibility` text NOT NULL,
	`teams` text NOT NULL,
	`max_concurrent` integer NOT NULL,
	`max_per_minute` integer NOT NULL,
	`token` blob,
	`at` integer NOT NULL,
	`login` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `source_pause` (
	`slug` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`login` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `source_request` (
	`slug` text NOT NULL,
	`kind` text NOT NULL,
	`at` integer NOT NULL,
	`login` text NOT NULL,
	PRIMARY KEY(`slug`, `kind`)
);
--> statement-breakpoint
ALTER TABLE `source` ADD `added` integer DEFAULT false NOT NULL;