CREATE TABLE `delivery` (
	`id` text PRIMARY KEY NOT NULL,
	`subscription` text NOT NULL,
	`is_test` integer NOT NULL,
	`is_whole` integer NOT NULL,
	`made_at` integer NOT NULL,
	`due_at` integer,
	`state` text NOT NULL,
	`try_count` integer NOT NULL,
	`tries` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `delivery_due` ON `delivery` (`due_at`);--> statement-breakpoint
CREATE INDEX `delivery_subscription` ON `delivery` (`subscription`,`made_at`);--> statement-breakpoint
CREATE TABLE `feed_subscription` (
	`key` text PRIMARY KEY NOT NULL,
	`account_id` integer NOT NULL,
	`feed` text NOT NULL,
	`query` text NOT NULL,
	`url` text,
	`secret` blob,
	`origin` text,
	`daily_hour` integer,
	`zone` text,
	`created_at` integer NOT NULL,
	`began_at` integer NOT NULL,
	`paused_at` integer,
	`pause_reason` text,
	`failing_since` integer
);
--> statement-breakpoint
CREATE INDEX `feed_subscription_account` ON `feed_subscription` (`account_id`);--> statement-breakpoint
CREATE TABLE `mail_address` (
	`account_id` integer PRIMARY KEY NOT NULL,
	`address` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `told_entry` (
	`subscription` text NOT NULL,
	`entry` text NOT NULL,
	`happened_at` integer NOT NULL,
	`delivery` text,
	PRIMARY KEY(`subscription`, `entry`)
) WITHOUT ROWID;
