-- What changed is kept with the run and not as rows of its own: found by a rebuild at the next start.
INSERT INTO store_state (key, value) SELECT 'rebuild', '"due"' WHERE EXISTS (SELECT 1 FROM job) ON CONFLICT DO NOTHING;--> statement-breakpoint
DROP TABLE "transition";--> statement-breakpoint
DROP TABLE "flip_day";--> statement-breakpoint
CREATE TABLE "flip_day" (
	"env_id" integer NOT NULL,
	"day" integer NOT NULL,
	"flips" "bytea" NOT NULL,
	CONSTRAINT "flip_day_env_id_day_pk" PRIMARY KEY("env_id","day")
);
--> statement-breakpoint
ALTER TABLE "suite_history" ADD COLUMN "changes" "bytea";--> statement-breakpoint
ALTER TABLE "suite_history" DROP CONSTRAINT "suite_history_suite_id_branch_id_env_id_at_number_job_id_ord_pk";--> statement-breakpoint
ALTER TABLE "suite_history" ADD CONSTRAINT "suite_history_env_id_suite_id_branch_id_at_number_job_id_ord_pk" PRIMARY KEY("env_id","suite_id","branch_id","at","number","job_id","ord");
