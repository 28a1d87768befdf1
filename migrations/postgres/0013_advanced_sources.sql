ALTER TABLE "added_source" ADD COLUMN "ca_pem" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "added_source" ADD COLUMN "callback_token" "bytea";--> statement-breakpoint
ALTER TABLE "added_source" ADD COLUMN "retention" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "added_source" ADD COLUMN "quiet_hours" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "added_source" ADD COLUMN "megabytes_per_hour" integer;--> statement-breakpoint
ALTER TABLE "added_source" ADD COLUMN "history" text COLLATE "C" DEFAULT 'newest' NOT NULL;