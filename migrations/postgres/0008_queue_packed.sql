-- What was a row a day and waiting time is packed, a row a week: found by a rebuild at the next start.
INSERT INTO store_state (key, value) SELECT 'rebuild', '"due"' WHERE EXISTS (SELECT 1 FROM job) ON CONFLICT DO NOTHING;--> statement-breakpoint
CREATE TABLE "queue_week" (
	"env_id" integer NOT NULL,
	"week" integer NOT NULL,
	"waits" "bytea" NOT NULL,
	CONSTRAINT "queue_week_env_id_week_pk" PRIMARY KEY("env_id","week")
);
--> statement-breakpoint
DROP TABLE "queue_day";
