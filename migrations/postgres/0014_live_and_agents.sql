CREATE TABLE "agent" (
	"source_id" integer PRIMARY KEY NOT NULL,
	"stream" text COLLATE "C" NOT NULL,
	"term" integer NOT NULL,
	"held" bigint NOT NULL,
	"held_hash" "bytea",
	"was_read" smallint DEFAULT 0 NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"heard_at" bigint NOT NULL,
	"clock_offset" bigint NOT NULL,
	"waiting" text COLLATE "C" NOT NULL,
	"inbox_bytes" bigint DEFAULT 0 NOT NULL,
	"probe" "bytea",
	"fleet" "bytea"
);
--> statement-breakpoint
CREATE TABLE "agent_question" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"source_id" integer NOT NULL,
	"asked_at" bigint NOT NULL,
	"question" text COLLATE "C" NOT NULL,
	"answer" "bytea"
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"source_id" integer NOT NULL,
	"term" integer NOT NULL,
	"sequence" bigint NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"size" integer NOT NULL,
	"body" "bytea" NOT NULL,
	CONSTRAINT "inbox_source_id_term_sequence_pk" PRIMARY KEY("source_id","term","sequence")
);
--> statement-breakpoint
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
