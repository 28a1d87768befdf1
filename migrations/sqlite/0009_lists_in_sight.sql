DROP INDEX `job_submit`;--> statement-breakpoint
CREATE INDEX `job_sight` ON `job` (`source_id`,`is_public`,`submit_at`);--> statement-breakpoint
CREATE INDEX `job_open` ON `job` (`state`,`env_id`) WHERE "job"."state" <> 5;--> statement-breakpoint
CREATE INDEX `job_without_results` ON `job` (`build_id`) WHERE "job"."results_removed_at" is not null;--> statement-breakpoint
CREATE INDEX `build_branch` ON `build` (`branch_id`);