CREATE TABLE "job_tombstone" (
	"source_id" integer NOT NULL,
	"epoch" integer NOT NULL,
	"external_id" text COLLATE "C" NOT NULL,
	"env_id" integer NOT NULL,
	"submit_at" bigint NOT NULL,
	"removed_at" bigint NOT NULL,
	CONSTRAINT "job_tombstone_source_id_epoch_external_id_env_id_pk" PRIMARY KEY("source_id","epoch","external_id","env_id")
);
--> statement-breakpoint
CREATE TABLE "log_removal" (
	"hash" "bytea" PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE "build" ADD COLUMN "pinned_at" bigint;--> statement-breakpoint
ALTER TABLE "build" ADD COLUMN "pinned_because" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "log_removed_at" bigint;--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "detail_removed_at" bigint;--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "results_removed_at" bigint;--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "retention" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "job_log" ON "job" USING btree ("log_id") WHERE "job"."log_id" is not null;