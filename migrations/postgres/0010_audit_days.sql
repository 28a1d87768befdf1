CREATE TABLE "audit_day" (
	"source_id" integer NOT NULL,
	"day" integer NOT NULL,
	"is_public" smallint NOT NULL,
	"checked_at" bigint NOT NULL,
	"source_count" integer NOT NULL,
	"store_count" integer NOT NULL,
	"missing" integer NOT NULL,
	"changed" integer NOT NULL,
	"repaired" integer NOT NULL,
	"gone" integer NOT NULL,
	"deleted" integer NOT NULL,
	"hidden" integer NOT NULL,
	CONSTRAINT "audit_day_source_id_day_is_public_pk" PRIMARY KEY("source_id","day","is_public")
);
--> statement-breakpoint
CREATE TABLE "request_slot" (
	"source_id" integer NOT NULL,
	"slot" integer NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"requests" integer NOT NULL,
	"failed" integer NOT NULL,
	"bytes" bigint NOT NULL,
	"waited_ms" bigint NOT NULL,
	"durations" text COLLATE "C" NOT NULL,
	CONSTRAINT "request_slot_source_id_slot_kind_pk" PRIMARY KEY("source_id","slot","kind")
);
--> statement-breakpoint
ALTER TABLE "dead_letter" ADD COLUMN "last_at" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "who_am_i" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "probed_at" bigint;--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "capable_since" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "dead_letter_open" ON "dead_letter" USING btree ("source_id","id") WHERE "dead_letter"."resolved_at" is null;--> statement-breakpoint
UPDATE dead_letter SET last_at = at;--> statement-breakpoint
-- A round of an audit that is under way has not counted by day: it begins anew.
DELETE FROM store_state WHERE key LIKE 'audit %' AND key NOT LIKE 'audit notes %';
