CREATE TABLE "ingester" (
	"owner" text COLLATE "C" PRIMARY KEY NOT NULL,
	"seen_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lease" (
	"source_id" integer PRIMARY KEY NOT NULL,
	"owner" text COLLATE "C" NOT NULL,
	"term" integer NOT NULL,
	"expires_at" bigint NOT NULL
);
