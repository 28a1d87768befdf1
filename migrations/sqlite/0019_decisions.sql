CREATE TABLE `audit_event` (
	`id` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`before` text,
	`after` text
);
--> statement-breakpoint
CREATE INDEX `audit_event_target` ON `audit_event` (`target`,`id`);--> statement-breakpoint
CREATE TABLE `group_rule` (
	`id` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`fingerprint` text NOT NULL,
	`target` text,
	`split` text,
	`at` integer NOT NULL,
	`login` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `group_rule_fingerprint` ON `group_rule` (`fingerprint`);--> statement-breakpoint
CREATE TABLE `group_triage` (
	`fingerprint` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`known_issue_id` integer,
	`comment` text,
	`at` integer NOT NULL,
	`login` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `known_issue` (
	`id` integer PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`url` text,
	`source` text,
	`project` text,
	`device_type` text,
	`suite` text,
	`name` text,
	`error_pattern` text,
	`log_pattern` text,
	`culprit` integer,
	`intermittent` integer NOT NULL,
	`expires_at` integer,
	`fixed_at` integer,
	`at` integer NOT NULL,
	`login` text NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`done_to` integer
);
--> statement-breakpoint
CREATE TABLE `known_issue_match` (
	`env_id` integer NOT NULL,
	`at` integer NOT NULL,
	`issue_id` integer NOT NULL,
	`job_id` integer NOT NULL,
	`cases` integer NOT NULL,
	`line` integer,
	`byte_offset` integer,
	PRIMARY KEY(`env_id`, `at`, `issue_id`, `job_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `known_issue_match_issue` ON `known_issue_match` (`issue_id`,`env_id`,`at`);--> statement-breakpoint
CREATE INDEX `known_issue_match_job` ON `known_issue_match` (`job_id`);--> statement-breakpoint
CREATE TABLE `name_alias` (
	`kind` text NOT NULL,
	`source` text NOT NULL,
	`name` text NOT NULL,
	`alias` text NOT NULL,
	`at` integer NOT NULL,
	`login` text NOT NULL,
	PRIMARY KEY(`kind`, `source`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `note` (
	`job_id` integer NOT NULL,
	`at` integer NOT NULL,
	`case_id` integer,
	`text` text NOT NULL,
	`login` text NOT NULL,
	PRIMARY KEY(`job_id`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `omission` (
	`job_id` integer NOT NULL,
	`case_id` integer NOT NULL,
	`result` integer NOT NULL,
	`reason` text NOT NULL,
	`at` integer NOT NULL,
	`login` text NOT NULL,
	PRIMARY KEY(`job_id`, `case_id`)
) WITHOUT ROWID;--> statement-breakpoint
DROP INDEX `env_key`;--> statement-breakpoint
ALTER TABLE `env` ADD `own_device_type_id` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE `env` SET `own_device_type_id` = `device_type_id`;--> statement-breakpoint
ALTER TABLE `device` ADD `own_device_type_id` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE `device` SET `own_device_type_id` = `device_type_id`;--> statement-breakpoint
CREATE UNIQUE INDEX `env_key` ON `env` (`own_device_type_id`,`source_id`,`is_public`);
