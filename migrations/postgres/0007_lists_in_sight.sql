DROP INDEX "job_submit";--> statement-breakpoint
CREATE INDEX "build_branch" ON "build" USING btree ("branch_id");--> statement-breakpoint
CREATE INDEX "job_sight" ON "job" USING btree ("source_id","is_public","submit_at","id");--> statement-breakpoint
CREATE INDEX "job_open" ON "job" USING btree ("state","env_id") WHERE "job"."state" <> 5;--> statement-breakpoint
CREATE INDEX "job_without_results" ON "job" USING btree ("build_id") WHERE "job"."results_removed_at" is not null;