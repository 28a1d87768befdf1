-- What was one row a job is the frame of all its cases.
ALTER TABLE "job_detail" ADD COLUMN "first" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "job_detail" ALTER COLUMN "first" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "job_detail" DROP CONSTRAINT "job_detail_job_id_env_id_month_pk";--> statement-breakpoint
ALTER TABLE "job_detail" ADD CONSTRAINT "job_detail_job_id_first_env_id_month_pk" PRIMARY KEY("job_id","first","env_id","month");
