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
