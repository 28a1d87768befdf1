CREATE TABLE `audit` (
	`source_id` integer PRIMARY KEY NOT NULL,
	`checked_at` integer NOT NULL,
	`source_count` integer NOT NULL,
	`store_count` integer NOT NULL,
	`missing` text NOT NULL,
	`changed` text NOT NULL,
	`gone_at_source` integer NOT NULL,
	`public_view` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `branch` (
	`id` integer PRIMARY KEY NOT NULL,
	`project_id` integer NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `branch_name` ON `branch` (`project_id`,`name`);--> statement-breakpoint
CREATE TABLE `build` (
	`id` integer PRIMARY KEY NOT NULL,
	`project_id` integer NOT NULL,
	`branch_id` integer NOT NULL,
	`version` text NOT NULL,
	`commit` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `build_version` ON `build` (`project_id`,`version`,`branch_id`);--> statement-breakpoint
CREATE TABLE `build_env` (
	`build_id` integer NOT NULL,
	`env_id` integer NOT NULL,
	`pass` integer DEFAULT 0 NOT NULL,
	`fail` integer DEFAULT 0 NOT NULL,
	`skip` integer DEFAULT 0 NOT NULL,
	`unknown` integer DEFAULT 0 NOT NULL,
	`complete` integer DEFAULT 0 NOT NULL,
	`incomplete` integer DEFAULT 0 NOT NULL,
	`canceled` integer DEFAULT 0 NOT NULL,
	`running` integer DEFAULT 0 NOT NULL,
	`infrastructure` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`build_id`, `env_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `build_suite` (
	`build_id` integer NOT NULL,
	`suite_id` integer NOT NULL,
	`env_id` integer NOT NULL,
	`pass` integer DEFAULT 0 NOT NULL,
	`fail` integer DEFAULT 0 NOT NULL,
	`skip` integer DEFAULT 0 NOT NULL,
	`unknown` integer DEFAULT 0 NOT NULL,
	`runs` integer DEFAULT 0 NOT NULL,
	`infrastructure` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`build_id`, `suite_id`, `env_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `dead_letter` (
	`id` integer PRIMARY KEY NOT NULL,
	`source_id` integer NOT NULL,
	`hash` blob NOT NULL,
	`at` integer NOT NULL,
	`stage` text NOT NULL,
	`external_id` text,
	`path` text NOT NULL,
	`reason` text NOT NULL,
	`raw` blob NOT NULL,
	`attempts` integer DEFAULT 1 NOT NULL,
	`resolved_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `dead_letter_hash` ON `dead_letter` (`source_id`,`hash`);--> statement-breakpoint
CREATE TABLE `device` (
	`id` integer PRIMARY KEY NOT NULL,
	`source_id` integer NOT NULL,
	`hostname` text NOT NULL,
	`device_type_id` integer NOT NULL,
	`worker_id` integer,
	`state` text NOT NULL,
	`health` text NOT NULL,
	`description` text,
	`device_version` text,
	`tags` text NOT NULL,
	`is_public` integer NOT NULL,
	`gone_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `device_name` ON `device` (`source_id`,`hostname`);--> statement-breakpoint
CREATE TABLE `device_day` (
	`env_id` integer NOT NULL,
	`day` integer NOT NULL,
	`device_id` integer NOT NULL,
	`jobs` integer DEFAULT 0 NOT NULL,
	`infrastructure` integer DEFAULT 0 NOT NULL,
	`busy_seconds` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`env_id`, `day`, `device_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `device_day_device` ON `device_day` (`device_id`,`day`);--> statement-breakpoint
CREATE TABLE `device_health` (
	`device_id` integer NOT NULL,
	`at` integer NOT NULL,
	`health` text NOT NULL,
	PRIMARY KEY(`device_id`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `device_type` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `device_type_name` ON `device_type` (`name`);--> statement-breakpoint
CREATE TABLE `env` (
	`id` integer PRIMARY KEY NOT NULL,
	`device_type_id` integer NOT NULL,
	`source_id` integer NOT NULL,
	`is_public` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `env_key` ON `env` (`device_type_id`,`source_id`,`is_public`);--> statement-breakpoint
CREATE TABLE `env_day` (
	`env_id` integer NOT NULL,
	`day` integer NOT NULL,
	`pass` integer DEFAULT 0 NOT NULL,
	`fail` integer DEFAULT 0 NOT NULL,
	`skip` integer DEFAULT 0 NOT NULL,
	`unknown` integer DEFAULT 0 NOT NULL,
	`steps` integer DEFAULT 0 NOT NULL,
	`complete` integer DEFAULT 0 NOT NULL,
	`incomplete` integer DEFAULT 0 NOT NULL,
	`canceled` integer DEFAULT 0 NOT NULL,
	`running` integer DEFAULT 0 NOT NULL,
	`infrastructure` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`env_id`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `flip_day` (
	`env_id` integer NOT NULL,
	`day` integer NOT NULL,
	`case_id` integer NOT NULL,
	`flips` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`env_id`, `day`, `case_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `job` (
	`id` integer PRIMARY KEY NOT NULL,
	`env_id` integer NOT NULL,
	`source_id` integer NOT NULL,
	`epoch` integer NOT NULL,
	`external_id` text NOT NULL,
	`project_id` integer,
	`branch_id` integer,
	`build_id` integer,
	`device_id` integer,
	`worker_id` integer,
	`submitter_id` integer,
	`submit_at` integer NOT NULL,
	`start_at` integer,
	`end_at` integer,
	`state` integer NOT NULL,
	`health` integer NOT NULL,
	`failure_class` integer NOT NULL,
	`error_type` text,
	`error_message` text,
	`failure_comment` text,
	`description` text,
	`priority` integer,
	`health_check` integer NOT NULL,
	`tags` text NOT NULL,
	`multinode_group` text,
	`role` text,
	`url` text,
	`is_public` integer NOT NULL,
	`attempt` integer DEFAULT 1 NOT NULL,
	`pass` integer DEFAULT 0 NOT NULL,
	`fail` integer DEFAULT 0 NOT NULL,
	`skip` integer DEFAULT 0 NOT NULL,
	`unknown` integer DEFAULT 0 NOT NULL,
	`steps` integer DEFAULT 0 NOT NULL,
	`lost_suites` blob,
	`log_id` integer,
	`digest` blob NOT NULL,
	`first_seen_at` integer NOT NULL,
	`via` text NOT NULL,
	`changed_at` integer NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`settled` integer NOT NULL,
	`gone_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `job_external` ON `job` (`source_id`,`epoch`,`external_id`);--> statement-breakpoint
CREATE INDEX `job_submit` ON `job` (`submit_at`);--> statement-breakpoint
CREATE INDEX `job_env` ON `job` (`env_id`,`submit_at`);--> statement-breakpoint
CREATE INDEX `job_build` ON `job` (`build_id`,`submit_at`);--> statement-breakpoint
CREATE INDEX `job_device` ON `job` (`device_id`,`submit_at`);--> statement-breakpoint
CREATE INDEX `job_end` ON `job` (`end_at`);--> statement-breakpoint
CREATE INDEX `job_changed` ON `job` (`changed_at`);--> statement-breakpoint
CREATE TABLE `job_detail` (
	`job_id` integer PRIMARY KEY NOT NULL,
	`codec` integer NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `job_label` (
	`label_id` integer NOT NULL,
	`job_id` integer NOT NULL,
	PRIMARY KEY(`label_id`, `job_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `job_text` (
	`job_id` integer PRIMARY KEY NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `label` (
	`id` integer PRIMARY KEY NOT NULL,
	`hash` blob NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `label_hash` ON `label` (`hash`);--> statement-breakpoint
CREATE TABLE `log` (
	`id` integer PRIMARY KEY NOT NULL,
	`hash` blob NOT NULL,
	`bytes` integer NOT NULL,
	`line_count` integer NOT NULL,
	`truncated` integer NOT NULL,
	`lines` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `log_hash` ON `log` (`hash`);--> statement-breakpoint
CREATE TABLE `project` (
	`id` integer PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `project_slug` ON `project` (`slug`);--> statement-breakpoint
CREATE TABLE `project_day` (
	`env_id` integer NOT NULL,
	`day` integer NOT NULL,
	`project_id` integer NOT NULL,
	`pass` integer DEFAULT 0 NOT NULL,
	`fail` integer DEFAULT 0 NOT NULL,
	`skip` integer DEFAULT 0 NOT NULL,
	`unknown` integer DEFAULT 0 NOT NULL,
	`complete` integer DEFAULT 0 NOT NULL,
	`incomplete` integer DEFAULT 0 NOT NULL,
	`canceled` integer DEFAULT 0 NOT NULL,
	`running` integer DEFAULT 0 NOT NULL,
	`infrastructure` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`env_id`, `day`, `project_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `queue_day` (
	`env_id` integer NOT NULL,
	`day` integer NOT NULL,
	`bucket` integer NOT NULL,
	`jobs` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`env_id`, `day`, `bucket`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `shape` (
	`id` integer PRIMARY KEY NOT NULL,
	`suite_id` integer NOT NULL,
	`hash` blob NOT NULL,
	`size` integer NOT NULL,
	`cases` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `shape_hash` ON `shape` (`hash`);--> statement-breakpoint
CREATE TABLE `shape_case` (
	`case_id` integer NOT NULL,
	`shape_id` integer NOT NULL,
	PRIMARY KEY(`case_id`, `shape_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `source` (
	`id` integer PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`url` text NOT NULL,
	`visibility` text NOT NULL,
	`teams` text NOT NULL,
	`labels` text NOT NULL,
	`configured` integer DEFAULT true NOT NULL,
	`paused` integer DEFAULT false NOT NULL,
	`period_seconds` integer NOT NULL,
	`max_concurrent` integer NOT NULL,
	`max_per_minute` integer NOT NULL,
	`epoch` integer DEFAULT 0 NOT NULL,
	`bookmark` text,
	`version` text,
	`capabilities` text NOT NULL,
	`warnings` text NOT NULL,
	`clock_offset_ms` real,
	`used_last_minute` integer DEFAULT 0 NOT NULL,
	`p95_ms` real,
	`last_success_at` integer,
	`last_error_at` integer,
	`last_error_code` text,
	`last_error` text,
	`next_sync_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `source_slug` ON `source` (`slug`);--> statement-breakpoint
CREATE TABLE `source_device_type` (
	`source_id` integer NOT NULL,
	`device_type_id` integer NOT NULL,
	`aliases` text NOT NULL,
	`architecture` text,
	`processor` text,
	`cpu_model` text,
	`core_count` integer,
	`description` text,
	`gone_at` integer,
	PRIMARY KEY(`source_id`, `device_type_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `submitter` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `submitter_name` ON `submitter` (`name`);--> statement-breakpoint
CREATE TABLE `suite` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `suite_name` ON `suite` (`name`);--> statement-breakpoint
CREATE TABLE `suite_history` (
	`suite_id` integer NOT NULL,
	`branch_id` integer NOT NULL,
	`env_id` integer NOT NULL,
	`at` integer NOT NULL,
	`job_id` integer NOT NULL,
	`ord` integer NOT NULL,
	`shape_id` integer NOT NULL,
	PRIMARY KEY(`suite_id`, `branch_id`, `env_id`, `at`, `job_id`, `ord`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `suite_run` (
	`env_id` integer NOT NULL,
	`job_id` integer NOT NULL,
	`ord` integer NOT NULL,
	`suite_id` integer NOT NULL,
	`prefix` integer,
	`external_id` integer NOT NULL,
	`is_steps` integer NOT NULL,
	`shape_id` integer NOT NULL,
	`pass` integer DEFAULT 0 NOT NULL,
	`fail` integer DEFAULT 0 NOT NULL,
	`skip` integer DEFAULT 0 NOT NULL,
	`unknown` integer DEFAULT 0 NOT NULL,
	`verdicts` blob NOT NULL,
	PRIMARY KEY(`env_id`, `job_id`, `ord`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sync_run` (
	`id` integer PRIMARY KEY NOT NULL,
	`source_id` integer NOT NULL,
	`trigger` text NOT NULL,
	`state` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`requests` integer DEFAULT 0 NOT NULL,
	`bytes` integer DEFAULT 0 NOT NULL,
	`jobs_read` integer DEFAULT 0 NOT NULL,
	`jobs_written` integer DEFAULT 0 NOT NULL,
	`public_read` integer DEFAULT 0 NOT NULL,
	`public_written` integer DEFAULT 0 NOT NULL,
	`rejected` integer DEFAULT 0 NOT NULL,
	`error_code` text,
	`error` text
);
--> statement-breakpoint
CREATE INDEX `sync_run_source` ON `sync_run` (`source_id`,`started_at`);--> statement-breakpoint
CREATE TABLE `test_case` (
	`id` integer PRIMARY KEY NOT NULL,
	`suite_id` integer NOT NULL,
	`hash` blob NOT NULL,
	`set_name` text,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `test_case_hash` ON `test_case` (`suite_id`,`hash`);--> statement-breakpoint
CREATE INDEX `test_case_name` ON `test_case` (`name`);--> statement-breakpoint
CREATE TABLE `transition` (
	`case_id` integer NOT NULL,
	`env_id` integer NOT NULL,
	`branch_id` integer NOT NULL,
	`at` integer NOT NULL,
	`job_id` integer NOT NULL,
	`ord` integer NOT NULL,
	`result` integer NOT NULL,
	`previous` integer NOT NULL,
	PRIMARY KEY(`case_id`, `env_id`, `branch_id`, `at`, `job_id`, `ord`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `worker` (
	`id` integer PRIMARY KEY NOT NULL,
	`source_id` integer NOT NULL,
	`hostname` text NOT NULL,
	`state` text NOT NULL,
	`health` text NOT NULL,
	`description` text,
	`version` text,
	`job_limit` integer,
	`last_ping_at` integer,
	`gone_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `worker_name` ON `worker` (`source_id`,`hostname`);