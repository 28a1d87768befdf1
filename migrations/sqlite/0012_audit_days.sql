CREATE TABLE `audit_day` (
	`source_id` integer NOT NULL,
	`day` integer NOT NULL,
	`is_public` integer NOT NULL,
	`checked_at` integer NOT NULL,
	`source_count` integer NOT NULL,
	`store_count` integer NOT NULL,
	`missing` integer NOT NULL,
	`changed` integer NOT NULL,
	`repaired` integer NOT NULL,
	`gone` integer NOT NULL,
	`deleted` integer NOT NULL,
	`hidden` integer NOT NULL,
	PRIMARY KEY(`source_id`, `day`, `is_public`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `request_slot` (
	`source_id` integer NOT NULL,
	`slot` integer NOT NULL,
	`kind` text NOT NULL,
	`requests` integer NOT NULL,
	`failed` integer NOT NULL,
	`bytes` integer NOT NULL,
	`waited_ms` integer NOT NULL,
	`durations` text NOT NULL,
	PRIMARY KEY(`source_id`, `slot`, `kind`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `dead_letter` ADD `last_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `dead_letter_open` ON `dead_letter` (`source_id`,`id`) WHERE "dead_letter"."resolved_at" is null;--> statement-breakpoint
ALTER TABLE `source` ADD `who_am_i` text;--> statement-breakpoint
ALTER TABLE `source` ADD `probed_at` integer;--> statement-breakpoint
ALTER TABLE `source` ADD `capable_since` text;--> statement-breakpoint
UPDATE dead_letter SET last_at = at;--> statement-breakpoint
-- A round of an audit that is under way has not counted by day: it begins anew.
DELETE FROM store_state WHERE key LIKE 'audit %' AND key NOT LIKE 'audit notes %';
