-- Names are found by the index of their beginnings.
DROP INDEX `test_case_name`;--> statement-breakpoint
CREATE TABLE `__new_job_detail` (
	`job_id` integer PRIMARY KEY NOT NULL,
	`env_id` integer NOT NULL,
	`month` integer NOT NULL,
	`codec` integer NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
INSERT INTO `__new_job_detail` (`job_id`, `env_id`, `month`, `codec`, `body`) SELECT d.job_id, j.env_id, (strftime('%Y', j.submit_at / 1000000, 'unixepoch') - 1970) * 12 + strftime('%m', j.submit_at / 1000000, 'unixepoch') - 1, d.codec, d.body FROM `job_detail` d JOIN `job` j ON j.id = d.job_id ORDER BY d.job_id;--> statement-breakpoint
DROP TABLE `job_detail`;--> statement-breakpoint
ALTER TABLE `__new_job_detail` RENAME TO `job_detail`;--> statement-breakpoint
CREATE TABLE `__new_job_text` (
	`job_id` integer PRIMARY KEY NOT NULL,
	`env_id` integer NOT NULL,
	`month` integer NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
INSERT INTO `__new_job_text` (`job_id`, `env_id`, `month`, `body`) SELECT t.job_id, j.env_id, (strftime('%Y', j.submit_at / 1000000, 'unixepoch') - 1970) * 12 + strftime('%m', j.submit_at / 1000000, 'unixepoch') - 1, t.body FROM `job_text` t JOIN `job` j ON j.id = t.job_id ORDER BY t.job_id;--> statement-breakpoint
DROP TABLE `job_text`;--> statement-breakpoint
ALTER TABLE `__new_job_text` RENAME TO `job_text`;--> statement-breakpoint
CREATE TABLE `__new_job_label` (
	`label_id` integer NOT NULL,
	`job_id` integer NOT NULL,
	`env_id` integer NOT NULL,
	PRIMARY KEY(`label_id`, `job_id`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_job_label` (`label_id`, `job_id`, `env_id`) SELECT l.label_id, l.job_id, j.env_id FROM `job_label` l JOIN `job` j ON j.id = l.job_id ORDER BY 1, 2;--> statement-breakpoint
DROP TABLE `job_label`;--> statement-breakpoint
ALTER TABLE `__new_job_label` RENAME TO `job_label`;
