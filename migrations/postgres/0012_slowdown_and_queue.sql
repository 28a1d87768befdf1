ALTER TABLE "source" ADD COLUMN "slowdown" double precision;--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "queue_read_at" bigint;--> statement-breakpoint
ALTER TABLE "source_device_type" ADD COLUMN "queued_jobs" integer;