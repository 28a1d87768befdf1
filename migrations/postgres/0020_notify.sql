CREATE TABLE "delivery" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"subscription" text COLLATE "C" NOT NULL,
	"is_test" smallint NOT NULL,
	"is_whole" smallint NOT NULL,
	"made_at" bigint NOT NULL,
	"due_at" bigint,
	"state" text COLLATE "C" NOT NULL,
	"try_count" smallint NOT NULL,
	"tries" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feed_subscription" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"account_id" integer NOT NULL,
	"feed" text COLLATE "C" NOT NULL,
	"query" text COLLATE "C" NOT NULL,
	"url" text COLLATE "C",
	"secret" "bytea",
	"origin" text COLLATE "C",
	"daily_hour" smallint,
	"zone" text COLLATE "C",
	"created_at" bigint NOT NULL,
	"began_at" bigint NOT NULL,
	"paused_at" bigint,
	"pause_reason" text COLLATE "C",
	"failing_since" bigint
);
--> statement-breakpoint
CREATE TABLE "mail_address" (
	"account_id" integer PRIMARY KEY NOT NULL,
	"address" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "told_entry" (
	"subscription" text COLLATE "C" NOT NULL,
	"entry" text COLLATE "C" NOT NULL,
	"happened_at" bigint NOT NULL,
	"delivery" text COLLATE "C",
	CONSTRAINT "told_entry_subscription_entry_pk" PRIMARY KEY("subscription","entry")
);
--> statement-breakpoint
CREATE INDEX "delivery_due" ON "delivery" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "delivery_subscription" ON "delivery" USING btree ("subscription","made_at");--> statement-breakpoint
CREATE INDEX "feed_subscription_account" ON "feed_subscription" USING btree ("account_id");