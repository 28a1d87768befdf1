-- Not WITHOUT ROWID: its rows are large. What was one row a job is the frame of all its cases.
CREATE TABLE `__new_job_detail` (
	`job_id` integer NOT NULL,
	`env_id` integer NOT NULL,
	`month` integer NOT NULL,
	`first` integer NOT NULL,
	`codec` integer NOT NULL,
	`body` blob NOT NULL,
	PRIMARY KEY(`job_id`, `first`)
);
--> statement-breakpoint
INSERT INTO `__new_job_detail` (`job_id`, `env_id`, `month`, `first`, `codec`, `body`) SELECT `job_id`, `env_id`, `month`, 0, `codec`, `body` FROM `job_detail` ORDER BY `job_id`;--> statement-breakpoint
DROP TABLE `job_detail`;--> statement-breakpoint
ALTER TABLE `__new_job_detail` RENAME TO `job_detail`;
