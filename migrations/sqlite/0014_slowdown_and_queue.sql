ALTER TABLE `source` ADD `slowdown` real;--> statement-breakpoint
ALTER TABLE `source` ADD `queue_read_at` integer;--> statement-breakpoint
ALTER TABLE `source_device_type` ADD `queued_jobs` integer;