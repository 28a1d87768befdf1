ALTER TABLE `added_source` ADD `ca_pem` text;--> statement-breakpoint
ALTER TABLE `added_source` ADD `callback_token` blob;--> statement-breakpoint
ALTER TABLE `added_source` ADD `retention` text;--> statement-breakpoint
ALTER TABLE `added_source` ADD `quiet_hours` text;--> statement-breakpoint
ALTER TABLE `added_source` ADD `megabytes_per_hour` integer;--> statement-breakpoint
ALTER TABLE `added_source` ADD `history` text DEFAULT 'newest' NOT NULL;