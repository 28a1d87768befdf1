CREATE TABLE `account` (
	`id` integer PRIMARY KEY NOT NULL,
	`login` text NOT NULL,
	`name` text,
	`role` text NOT NULL,
	`teams` text NOT NULL,
	`password` text,
	`issuer` text,
	`subject` text,
	`created_at` integer NOT NULL,
	`disabled_at` integer,
	`signed_in_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `account_login` ON `account` (`login`);--> statement-breakpoint
CREATE UNIQUE INDEX `account_subject` ON `account` (`issuer`,`subject`);--> statement-breakpoint
CREATE TABLE `api_token` (
	`hash` blob PRIMARY KEY NOT NULL,
	`account_id` integer NOT NULL,
	`name` text NOT NULL,
	`hint` text NOT NULL,
	`scopes` text NOT NULL,
	`sources` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `api_token_account` ON `api_token` (`account_id`);--> statement-breakpoint
CREATE TABLE `session` (
	`hash` blob PRIMARY KEY NOT NULL,
	`account_id` integer NOT NULL,
	`agent` text,
	`created_at` integer NOT NULL,
	`used_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`refresh` blob,
	`checked_at` integer
);
--> statement-breakpoint
CREATE INDEX `session_account` ON `session` (`account_id`);--> statement-breakpoint
ALTER TABLE `audit_event` ADD `hash` blob;