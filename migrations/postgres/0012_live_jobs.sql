CREATE TABLE "live_job" (
	"job_id" integer PRIMARY KEY NOT NULL,
	"source_id" integer NOT NULL,
	"watched_at" bigint,
	"told_at" bigint,
	"as_of" bigint,
	"state" smallint,
	"health" smallint,
	"start_at" bigint,
	"status" text COLLATE "C",
	"reason" text COLLATE "C",
	"line_count" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "live_piece" (
	"job_id" integer NOT NULL,
	"from_line" integer NOT NULL,
	"lines" integer NOT NULL,
	"bytes" integer NOT NULL,
	"body" "bytea" NOT NULL,
	CONSTRAINT "live_piece_job_id_from_line_pk" PRIMARY KEY("job_id","from_line")
);
