CREATE INDEX `job_start_order` ON `job` (coalesce("start_at", -1), `id`);--> statement-breakpoint
CREATE INDEX `job_end_order` ON `job` (coalesce("end_at", -1), `id`);--> statement-breakpoint
CREATE INDEX `suite_run_shape` ON `suite_run` (`shape_id`,`env_id`);--> statement-breakpoint
CREATE INDEX `test_case_prefix` ON `test_case` (`name` COLLATE NOCASE);--> statement-breakpoint
CREATE INDEX `job_description` ON `job` (`description` COLLATE NOCASE);--> statement-breakpoint
-- Trigrams of names and descriptions. The triggers keep them in the transaction of the row.
CREATE VIRTUAL TABLE `test_case_search` USING fts5(name, content='test_case', content_rowid='id', tokenize='trigram', detail=none, columnsize=0);--> statement-breakpoint
CREATE TRIGGER `test_case_search_insert` AFTER INSERT ON `test_case` BEGIN
  INSERT INTO test_case_search (rowid, name) VALUES (new.id, new.name);
END;--> statement-breakpoint
CREATE TRIGGER `test_case_search_delete` AFTER DELETE ON `test_case` BEGIN
  INSERT INTO test_case_search (test_case_search, rowid, name) VALUES ('delete', old.id, old.name);
END;--> statement-breakpoint
INSERT INTO test_case_search (test_case_search) VALUES ('rebuild');--> statement-breakpoint
CREATE VIRTUAL TABLE `job_search` USING fts5(description, content='job', content_rowid='id', tokenize='trigram', detail=none, columnsize=0);--> statement-breakpoint
CREATE TRIGGER `job_search_insert` AFTER INSERT ON `job` WHEN new.description IS NOT NULL BEGIN
  INSERT INTO job_search (rowid, description) VALUES (new.id, new.description);
END;--> statement-breakpoint
CREATE TRIGGER `job_search_delete` AFTER DELETE ON `job` WHEN old.description IS NOT NULL BEGIN
  INSERT INTO job_search (job_search, rowid, description) VALUES ('delete', old.id, old.description);
END;--> statement-breakpoint
CREATE TRIGGER `job_search_update` AFTER UPDATE OF `description` ON `job` WHEN old.description IS NOT new.description BEGIN
  INSERT INTO job_search (job_search, rowid, description) SELECT 'delete', old.id, old.description WHERE old.description IS NOT NULL;
  INSERT INTO job_search (rowid, description) SELECT new.id, new.description WHERE new.description IS NOT NULL;
END;--> statement-breakpoint
INSERT INTO job_search (job_search) VALUES ('rebuild');
