CREATE TABLE "added_source" (
	"slug" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"url" text COLLATE "C" NOT NULL,
	"visibility" text COLLATE "C" NOT NULL,
	"teams" text COLLATE "C" NOT NULL,
	"max_concurrent" integer NOT NULL,
	"max_per_minute" integer NOT NULL,
	"token" "bytea",
	"at" bigint NOT NULL,
	"login" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "source_pause" (
	"slug" text COLLATE "C" PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"login" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "source_request" (
	"slug" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"at" bigint NOT NULL,
	"login" text COLLATE "C" NOT NULL,
	CONSTRAINT "source_request_slug_kind_pk" PRIMARY KEY("slug","kind")
);
--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "added" smallint DEFAULT 0 NOT NULL;