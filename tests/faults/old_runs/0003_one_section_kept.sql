-- A run that commit e1ac56a left; see tests/faults/test_old_runs.py.
PRAGMA foreign_keys=OFF;
BEGIN;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE api_keys (
	workspace_id CHAR(32) NOT NULL, 
	id VARCHAR(12) NOT NULL, 
	name TEXT NOT NULL, 
	scopes JSON NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	revoked_at DATETIME, 
	CONSTRAINT pk_api_keys PRIMARY KEY (workspace_id, id), 
	CONSTRAINT fk_api_keys_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id), 
	CONSTRAINT uq_api_keys_id UNIQUE (id)
);
CREATE TABLE article_sentences (
	workspace_id CHAR(32) NOT NULL, 
	article_id CHAR(32) NOT NULL, 
	position INTEGER NOT NULL, 
	folded TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	CONSTRAINT pk_article_sentences PRIMARY KEY (id), 
	CONSTRAINT uq_article_sentences_workspace_id UNIQUE (workspace_id, article_id, position), 
	CONSTRAINT fk_article_sentences_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id), 
	CONSTRAINT fk_article_sentences_articles FOREIGN KEY(workspace_id, article_id) REFERENCES articles (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE article_versions (
	workspace_id CHAR(32) NOT NULL, 
	article_id CHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	run_id CHAR(32) NOT NULL, 
	author VARCHAR(16) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	format TEXT NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	words INTEGER NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	schema_version INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_article_versions PRIMARY KEY (workspace_id, article_id, version), 
	CONSTRAINT fk_article_versions_articles FOREIGN KEY(workspace_id, article_id) REFERENCES articles (workspace_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_article_versions_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE articles (
	workspace_id CHAR(32) NOT NULL, 
	id CHAR(32) NOT NULL, 
	latest_version INTEGER NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	title TEXT NOT NULL, 
	slug TEXT NOT NULL, 
	index_state VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, title_folded TEXT DEFAULT '' NOT NULL, description TEXT DEFAULT '' NOT NULL, format TEXT DEFAULT '' NOT NULL, language VARCHAR(16) DEFAULT '' NOT NULL, author VARCHAR(16) DEFAULT '' NOT NULL, words INTEGER DEFAULT '0' NOT NULL, score FLOAT DEFAULT '0' NOT NULL, run_id CHAR(32) DEFAULT '00000000000000000000000000000000' NOT NULL, 
	CONSTRAINT pk_articles PRIMARY KEY (workspace_id, id), 
	CONSTRAINT fk_articles_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE batches (
	workspace_id CHAR(32) NOT NULL, 
	id CHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	document JSON NOT NULL, 
	schema_version INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_batches PRIMARY KEY (workspace_id, id), 
	CONSTRAINT fk_batches_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE budgets (
	workspace_id CHAR(32) NOT NULL, 
	scope VARCHAR(16) NOT NULL, 
	scope_id VARCHAR(255) NOT NULL, 
	cap BIGINT, 
	spent BIGINT NOT NULL, 
	reserved BIGINT NOT NULL, 
	CONSTRAINT pk_budgets PRIMARY KEY (workspace_id, scope, scope_id), 
	CONSTRAINT ck_budgets_not_negative CHECK (spent >= 0 AND reserved >= 0), 
	CONSTRAINT fk_budgets_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE citations (
	workspace_id CHAR(32) NOT NULL, 
	article_id CHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	sentence_id CHAR(32) NOT NULL, 
	position INTEGER NOT NULL, 
	passage_id VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_citations PRIMARY KEY (workspace_id, article_id, version, sentence_id, position), 
	CONSTRAINT fk_citations_article_versions FOREIGN KEY(workspace_id, article_id, version) REFERENCES article_versions (workspace_id, article_id, version) ON DELETE CASCADE, 
	CONSTRAINT fk_citations_passages FOREIGN KEY(workspace_id, passage_id) REFERENCES passages (workspace_id, id), 
	CONSTRAINT fk_citations_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE content_metrics (
	workspace_id CHAR(32) NOT NULL, 
	run_id CHAR(32) NOT NULL, 
	article_id CHAR(32), 
	status VARCHAR(16) NOT NULL, 
	format TEXT NOT NULL, 
	kind VARCHAR(16), 
	words INTEGER NOT NULL, 
	cost BIGINT NOT NULL, 
	input_tokens INTEGER NOT NULL, 
	output_tokens INTEGER NOT NULL, 
	model_calls INTEGER NOT NULL, 
	seconds FLOAT NOT NULL, 
	score FLOAT, 
	document JSON NOT NULL, 
	schema_version INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_content_metrics PRIMARY KEY (workspace_id, run_id), 
	CONSTRAINT fk_content_metrics_runs FOREIGN KEY(workspace_id, run_id) REFERENCES runs (workspace_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_content_metrics_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE daily_figures (
	workspace_id CHAR(32) NOT NULL, 
	day DATE NOT NULL, 
	format TEXT NOT NULL, 
	model TEXT NOT NULL, 
	document JSON NOT NULL, 
	schema_version INTEGER NOT NULL, 
	CONSTRAINT pk_daily_figures PRIMARY KEY (workspace_id, day, format, model), 
	CONSTRAINT fk_daily_figures_rolled_up_days FOREIGN KEY(workspace_id, day) REFERENCES rolled_up_days (workspace_id, day) ON DELETE CASCADE, 
	CONSTRAINT fk_daily_figures_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE embeddings (
	workspace_id CHAR(32) NOT NULL, 
	embedder VARCHAR(255) NOT NULL, 
	text_hash VARCHAR(64) NOT NULL, 
	vector BLOB NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_embeddings PRIMARY KEY (workspace_id, embedder, text_hash), 
	CONSTRAINT fk_embeddings_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE findings (
	workspace_id CHAR(32) NOT NULL, 
	article_id CHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	rule VARCHAR(64) NOT NULL, 
	severity VARCHAR(16) NOT NULL, 
	message TEXT NOT NULL, 
	sentence_id CHAR(32), 
	CONSTRAINT pk_findings PRIMARY KEY (workspace_id, article_id, version, position), 
	CONSTRAINT fk_findings_article_versions FOREIGN KEY(workspace_id, article_id, version) REFERENCES article_versions (workspace_id, article_id, version) ON DELETE CASCADE, 
	CONSTRAINT fk_findings_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE idempotency_keys (
	workspace_id CHAR(32) NOT NULL, 
	who TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	answer JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_idempotency_keys PRIMARY KEY (workspace_id, who, "key"), 
	CONSTRAINT fk_idempotency_keys_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE model_calls (
	workspace_id CHAR(32) NOT NULL, 
	id CHAR(32) NOT NULL, 
	call_key VARCHAR(128) NOT NULL, 
	run_id CHAR(32) NOT NULL, 
	stage VARCHAR(32) NOT NULL, 
	item TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	model TEXT NOT NULL, 
	prompt_name TEXT NOT NULL, 
	prompt_hash VARCHAR(128) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	reserved BIGINT NOT NULL, 
	cost BIGINT NOT NULL, 
	input_tokens INTEGER NOT NULL, 
	output_tokens INTEGER NOT NULL, 
	cached_tokens INTEGER NOT NULL, 
	estimated BOOLEAN NOT NULL, 
	reply JSON, 
	answered_by TEXT, 
	error TEXT, 
	seconds FLOAT NOT NULL, 
	begun_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	CONSTRAINT pk_model_calls PRIMARY KEY (workspace_id, id), 
	CONSTRAINT fk_model_calls_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE passages (
	workspace_id CHAR(32) NOT NULL, 
	id VARCHAR(16) NOT NULL, 
	source_hash VARCHAR(64) NOT NULL, 
	begins INTEGER NOT NULL, 
	ends INTEGER NOT NULL, 
	document JSON NOT NULL, 
	schema_version INTEGER NOT NULL, 
	CONSTRAINT pk_passages PRIMARY KEY (workspace_id, id), 
	CONSTRAINT fk_passages_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE quality_results (
	workspace_id CHAR(32) NOT NULL, 
	article_id CHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	verdict VARCHAR(16) NOT NULL, 
	score FLOAT NOT NULL, 
	parts JSON NOT NULL, 
	CONSTRAINT pk_quality_results PRIMARY KEY (workspace_id, article_id, version), 
	CONSTRAINT fk_quality_results_article_versions FOREIGN KEY(workspace_id, article_id, version) REFERENCES article_versions (workspace_id, article_id, version) ON DELETE CASCADE, 
	CONSTRAINT fk_quality_results_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE rolled_up_days (
	workspace_id CHAR(32) NOT NULL, 
	day DATE NOT NULL, 
	rolled_up_at DATETIME NOT NULL, 
	CONSTRAINT pk_rolled_up_days PRIMARY KEY (workspace_id, day), 
	CONSTRAINT fk_rolled_up_days_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE run_events (
	workspace_id CHAR(32) NOT NULL, 
	run_id CHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_run_events PRIMARY KEY (workspace_id, run_id, seq), 
	CONSTRAINT fk_run_events_runs FOREIGN KEY(workspace_id, run_id) REFERENCES runs (workspace_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_run_events_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE runs (
	workspace_id CHAR(32) NOT NULL, 
	id CHAR(32) NOT NULL, 
	document JSON NOT NULL, 
	schema_version INTEGER NOT NULL, 
	model TEXT NOT NULL, 
	embedder TEXT NOT NULL, 
	budget BIGINT, 
	out TEXT, 
	status VARCHAR(16) NOT NULL, 
	reason TEXT, 
	article_id CHAR(32), 
	attempts INTEGER NOT NULL, 
	last_seq INTEGER NOT NULL, 
	lease_owner TEXT, 
	lease_until DATETIME, 
	fence_secret BLOB NOT NULL, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, batch_id CHAR(32), batch_item INTEGER, requested_by TEXT DEFAULT '' NOT NULL, submitted_at DATETIME, 
	CONSTRAINT pk_runs PRIMARY KEY (workspace_id, id), 
	CONSTRAINT fk_runs_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE VIRTUAL TABLE sentence_trigrams USING fts5(folded, content='article_sentences', content_rowid='id', tokenize='trigram case_sensitive 1', detail=none, columnsize=0);
CREATE TABLE sources (
	workspace_id CHAR(32) NOT NULL, 
	id CHAR(32) NOT NULL, 
	identity VARCHAR(64) NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	location TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	title TEXT NOT NULL, 
	retrieved_at DATETIME NOT NULL, 
	document JSON NOT NULL, 
	schema_version INTEGER NOT NULL, title_folded TEXT DEFAULT '' NOT NULL, location_folded TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_sources PRIMARY KEY (workspace_id, id), 
	CONSTRAINT fk_sources_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id), 
	CONSTRAINT uq_sources_workspace_id UNIQUE (workspace_id, identity)
);
CREATE TABLE stage_records (
	workspace_id CHAR(32) NOT NULL, 
	run_id CHAR(32) NOT NULL, 
	stage VARCHAR(32) NOT NULL, 
	item VARCHAR(255) NOT NULL, 
	document JSON NOT NULL, 
	schema_version INTEGER NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	seconds FLOAT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_stage_records PRIMARY KEY (workspace_id, run_id, stage, item), 
	CONSTRAINT fk_stage_records_runs FOREIGN KEY(workspace_id, run_id) REFERENCES runs (workspace_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_stage_records_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE TABLE workspaces (
	id CHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_workspaces PRIMARY KEY (id)
);
INSERT INTO alembic_version VALUES('0003');
INSERT INTO workspaces VALUES('00000000000070008000000000000001', 'local', '2026-11-26 08:46:20.548355');
INSERT INTO budgets VALUES('00000000000070008000000000000001', 'run', '01a21708-c62c-721e-b196-30d3812a5253', 750000, 3186, 0);
INSERT INTO budgets VALUES('00000000000070008000000000000001', 'day', '2026-11-26', NULL, 3186, 0);
INSERT INTO budgets VALUES('00000000000070008000000000000001', 'provider', 'openai', NULL, 3186, 0);
INSERT INTO budgets VALUES('00000000000070008000000000000001', 'workspace', '00000000-0000-7000-8000-000000000001', NULL, 3186, 0);
INSERT INTO model_calls VALUES('00000000000070008000000000000001', '01a2170915b472d09ee37a55dfb81144', '8a9406d7a42ec4dcfbafc45514b3909d42c96a375bbc5580d75ad023c6812103', '01a21708c62c721eb19630d3812a5253', 'outline', '', 0, 1, 'openai:fake', 'outline', 'b3d917c6ba5ccc81be5cda1c3f9166a043283232e1e276d3f1caaae533d502f2', 'answered', 4041, 925, 679, 123, 0, 0, '"{\"title\": \"How the ferry Lanternfish is run on Ostrel\", \"description\": \"What the sources say about How the ferry Lanternfish is run on Ostrel.\", \"sections\": [{\"heading\": \"Introduction\", \"purpose\": \"Tells about The Ostrel Night Ferry Cooperative.\", \"passages\": [\"S1\"]}, {\"heading\": \"2. Since the refit of February\", \"purpose\": \"Tells about Since the refit of February.\", \"passages\": [\"S2\"]}]}"', 'openai:fake', NULL, 1.072934335003083, '2026-11-26 08:46:41.076520', '2026-11-26 08:46:42.161585');
INSERT INTO model_calls VALUES('00000000000070008000000000000001', '01a217091a51735aa77487a6aacd239e', 'c43e824534c02ded8620233ad1cd17972c6a17f6a6b47c579c03c6dc0913ce39', '01a21708c62c721eb19630d3812a5253', 'sections', '0', 0, 1, 'openai:fake', 'section', '9e99c1a0f304e544bdb373f017abf1775acab0443a7d5cb3a89a57dd4b6fed8d', 'answered', 4073, 1134, 634, 250, 0, 0, '"{\"paragraphs\": [{\"sentences\": [{\"text\": \"The Ostrel Night Ferry indeed Cooperative was founded on indeed 14 November 2015.\", \"passages\": [\"S1\"]}, {\"text\": \"Since the refit of so February 2025 the Lanternfish so has a battery capacity so of 4.8 MWh.\", \"passages\": [\"S2\"]}, {\"text\": \"It had 1,946 members thus on 31 December 2024 thus and employs 46 people, thus 31 of them at thus sea.\", \"passages\": [\"S1\"]}]}, {\"sentences\": [{\"text\": \"The third battery room here took the place of here the forward lounge, which here is why the ship here is now licensed for here 132 passengers.\", \"passages\": [\"S2\"]}, {\"text\": \"General manager since 2019 indeed is Marit Adeyo; Sunniva indeed Prakash chairs the board.\", \"passages\": [\"S1\"]}, {\"text\": \"The number of berths so is unchanged.\", \"passages\": [\"S2\"]}]}]}"', 'openai:fake', NULL, 0.1865037099996698, '2026-11-26 08:46:42.257710', '2026-11-26 08:46:42.479050');
INSERT INTO model_calls VALUES('00000000000070008000000000000001', '01a217091a63764e9ae24be08033e9f5', '0e57252d9c16552333bdfe49b4e07d9701a0bcfb298e15bfc2ac85f405d8da75', '01a21708c62c721eb19630d3812a5253', 'sections', '1', 0, 1, 'openai:fake', 'section', '68b7e1fa0054812003a3fd3b02eaba22517de0b45b04f4da35007a934d11e7ca', 'answered', 9462, 1127, 627, 250, 0, 0, '"{\"paragraphs\": [{\"sentences\": [{\"text\": \"Since the refit of indeed February 2025 the Lanternfish indeed has a battery capacity indeed of 4.8 MWh.\", \"passages\": [\"S1\"]}, {\"text\": \"The Ostrel Night Ferry so Cooperative was founded on so 14 November 2015.\", \"passages\": [\"S2\"]}, {\"text\": \"The third battery room thus took the place of thus the forward lounge, which thus is why the ship thus is now licensed for thus 132 passengers.\", \"passages\": [\"S1\"]}]}, {\"sentences\": [{\"text\": \"It had 1,946 members here on 31 December 2024 here and employs 46 people, here 31 of them at here sea.\", \"passages\": [\"S2\"]}, {\"text\": \"The number of berths indeed is unchanged.\", \"passages\": [\"S1\"]}, {\"text\": \"General manager since 2019 so is Marit Adeyo; Sunniva so Prakash chairs the board.\", \"passages\": [\"S2\"]}]}]}"', 'openai:fake', NULL, 0.16589373200258706, '2026-11-26 08:46:42.275157', '2026-11-26 08:46:42.540634');
INSERT INTO runs VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', '{"topic":"How the ferry Lanternfish is run on Ostrel","sources":["/srv/ferry"],"format":"blog_post","words":900,"audience":"","tone":"","language":"en","keywords":[],"approve_outline":false}', 1, 'openai:fake', 'hashing:64', 750000, NULL, 'running', NULL, NULL, 1, 17, 'elsewhere|1|000000000000', '2026-01-01 00:00:00.000000', X'e38d6380c775c0e36fb2f3273df720c6b664b8bb77f68504d9ddea5c24dd5aeb', '2026-11-26 08:46:20.716678', NULL, NULL, NULL, 'local', '2026-11-26 08:46:20.762713');
INSERT INTO sources VALUES('00000000000070008000000000000001', '01a2170912e5765ab90a116b617b3b37', '388f0d492873ea6a6cac63f1ffff38e1a940ab04d30c5ba580a59088c53954bf', '69a46f5884bfe49d94e284729c66d9c06e4b9319cafac8a305758bed4f97a432', '/srv/ferry/fact-sheet-2025.md', 'markdown', 'Fact sheet: MV Lanternfish and the night service', '2026-11-26 08:46:40.302756', '{"location":"/srv/ferry/fact-sheet-2025.md","kind":"markdown","title":"Fact sheet: MV Lanternfish and the night service","text":"Fact sheet 2025: MV Lanternfish and the night service\n\nFigures as of 2 June 2025. This sheet replaces the fact sheet of 15 January 2024. Battery, passenger capacity and fares have changed.\n\nThe ship\n\nName | MV Lanternfish\nBuilt | Torvick, delivered 3 June 2020; third battery room added February 2025\nLength / beam | 54 m / 12.4 m\nBattery capacity | 4.8 MWh (320 modules, three battery rooms)\nPassengers | 132\nBerths | 96, in 40 cabins\nVehicles | 22 cars, or 6 lorries\nService speed | 9 knots\nCrew on each crossing | 9\n\nSince the refit of February 2025 the Lanternfish has a battery capacity of 4.8 MWh. The third battery room took the place of the forward lounge, which is why the ship is now licensed for 132 passengers. The number of berths is unchanged.\n\nRoute and timetable\n\nSix crossings a week, 312 a year, over 60 nautical miles. Every crossing takes seven hours and five minutes, including twenty minutes at the quay on Vey. All times are local.\n\nSUN TUE THU   Sallow Bay   dep 22:15\n              Vey          arr 23:50   dep 00:10\n              Port Cassin  arr 05:20\n\nMON WED FRI   Port Cassin  dep 22:15\n              Vey          arr 03:25   dep 03:45\n              Sallow Bay   arr 05:20\n\nSAT           no sailing\n\nCabins may be kept until 07:00 at no charge. Most passengers bound for the hospital do so.\n\nFares from 1 June 2025\n\n | Single\nResident of Ostrel or Vey | 38 crowns\nVisitor | 96 crowns\nBerth in a cabin | 45 crowns extra\nCar, resident | 118 crowns\nCar, visitor | 205 crowns\nPatient with a clinic letter, and one companion | free\n\nEnergy\n\nAn average crossing takes 2.7 MWh, or 45 kWh for each nautical mile.\n\nThe charging tower in Sallow Bay delivers 900 kW; the shore connection in Port Cassin delivers 600 kW.\n\nIn 2024 the ship used 791 MWh: 48 per cent from the tidal turbine Old Grindle, 47 per cent from the mainland grid and 5 per cent from the diesel generators.\n\nWith the larger battery more can be taken on in Sallow Bay. The aim for 2026 is 55 per cent tidal power and less than 2 per cent diesel.\n\nThe organisation\n\nThe Ostrel Night Ferry Cooperative was founded on 14 November 2015. It had 1,946 members on 31 December 2024 and employs 46 people, 31 of them at sea. General manager since 2019 is Marit Adeyo; Sunniva Prakash chairs the board.\n\nContact: Information Office, 2 Net Loft Lane, Sallow Bay.","blocks":[{"kind":"heading","start":0,"end":53,"level":1},{"kind":"paragraph","start":55,"end":188,"level":0},{"kind":"heading","start":190,"end":198,"level":2},{"kind":"table","start":200,"end":518,"level":0},{"kind":"paragraph","start":520,"end":757,"level":0},{"kind":"heading","start":759,"end":778,"level":2},{"kind":"paragraph","start":780,"end":954,"level":0},{"kind":"code","start":956,"end":1228,"level":0},{"kind":"paragraph","start":1230,"end":1320,"level":0},{"kind":"heading","start":1322,"end":1344,"level":2},{"kind":"table","start":1346,"end":1556,"level":0},{"kind":"heading","start":1558,"end":1564,"level":2},{"kind":"list_item","start":1566,"end":1634,"level":0},{"kind":"list_item","start":1636,"end":1738,"level":0},{"kind":"list_item","start":1740,"end":1896,"level":0},{"kind":"list_item","start":1898,"end":2034,"level":0},{"kind":"heading","start":2036,"end":2052,"level":2},{"kind":"paragraph","start":2054,"end":2281,"level":0},{"kind":"paragraph","start":2283,"end":2340,"level":0}],"content_hash":"69a46f5884bfe49d94e284729c66d9c06e4b9319cafac8a305758bed4f97a432","retrieved_at":"2026-11-26T08:46:40.302756Z","published_at":"2025-06-02T00:00:00Z","author":"Ostrel Night Ferry Cooperative, Information Office","language":null,"id":"01a21709-12e5-765a-b90a-116b617b3b37"}', 1, 'fact sheet: mv lanternfish and the night service', '/srv/ferry/fact-sheet-2025.md');
INSERT INTO sources VALUES('00000000000070008000000000000001', '01a2170912e5765ab90a116c54515458', '93de455970c2bc0379ba6cff1a95c8232454d0541e4eb3b1dc654964228fe6a6', 'd9fc22c47f67de210a979042684d5c41c6c656cb59bf6029297681962b0efd53', '/srv/ferry/faq.md', 'markdown', 'Questions we are asked at the ticket window', '2026-11-26 08:46:40.302843', '{"location":"/srv/ferry/faq.md","kind":"markdown","title":"Questions we are asked at the ticket window","text":"Questions we are asked at the ticket window\n\nLast updated 20 June 2025 · kept by the staff of the Sallow Bay office\n\nWhy do you sail at night?\n\nBecause of when people have to be somewhere. The fish auction in Port Cassin opens at 06:30 and the hospital sees its first outpatients at 08:00. We tie up at 05:20. With the old afternoon ferry a ten-minute appointment cost an islander the better part of three days; now you go to bed in Sallow Bay, see the doctor, and are home for breakfast the morning after.\n\nThere is a second reason, which our engineers like better: a ship that rests all day can charge slowly, at the hours when the tide is running.\n\nIs it really electric?\n\nNearly. In 2024 about 5 % of the energy on board came from the diesel generators, mostly on nights with strong headwinds. That was 10,200 litres of fuel. The chartered ship we used before, the Marigold Tern, burned 640,000 litres in 2019. Since the third battery room went in (February 2025) the generators have run on one night only, 21 March.\n\nHow big is the battery?\n\n4.8 MWh. If you have read 3.6 somewhere, you have read something printed before February 2025.\n\nWhy are you so slow?\n\nWe sail at nine knots. At eleven knots the Lanternfish would need 72 kWh for each mile instead of 45, and would arrive about an hour and a quarter earlier, at four in the morning, when nobody wants to be on a quay.\n\nWho owns the ferry?\n\nThe people who use it, more or less. It belongs to a cooperative; a share costs 250 crowns and anybody may buy one. Each member has one vote. There were 1,946 of us at the end of 2024. We do not pay dividends: in 2024 there was a surplus of 430,000 crowns, and the members decided what happened to it.\n\nWhat did the ship cost?\n\n21.4 million crowns. A bit less than half of that was borrowed from the Marrand Infrastructure Bank, a quarter was a grant from the province, and the rest came from members. The new battery room in 2025 cost another 3.15 million.\n\nHow often is a sailing cancelled?\n\nIn 2024 we cancelled 19 of 312: twelve because of weather, four because the charging tower in Sallow Bay failed in November, and three because too many of the crew were ill. Under the rule the members passed in May 2025 we publish the cause of each cancellation within 48 hours, on the board outside and on the website.\n\nIf we cancel, you get your money back or the next sailing plus a free berth. You choose, not we.\n\nI have a hospital appointment. What do I pay?\n\nNothing. Show your clinic letter at the window. One companion travels free as well. Cabins 1 to 6 are next to the lift and are held for patients until 18:00 on the day of sailing. In 2024, 2,112 trips were made this way.\n\nCan I bring my car, my bicycle, my goat?\n\nCar: yes, there is room for 22. Book ahead in July and August.\n\nBicycle: free, on the hooks behind the ramp.\n\nGoat: yes, in a crate, with papers from the vet. Not in the cabins. This has been tried.\n\nDoes the ship harm the porpoises?\n\nThe University of Port Cassin has listened with underwater microphones. It found the Lanternfish 14 decibels quieter than the ship before her, and recorded more porpoises in Ember Sound in 2022 than in 2019. The scientists themselves say that this does not prove that one caused the other, and we say so too.\n\nWhat happens to the island when the power fails?\n\nIf the ship is in Sallow Bay, she can feed the harbour loop through the charging tower: the clinic, the water pumps and the cold store. She did it for 31 hours in the Candlemas storm of February 2023. If she is at sea or in Port Cassin, the clinic has its own generator, which has been replaced since.\n\nWill there be a second ship?\n\nPerhaps. In May 2025 the members voted to spend 620,000 crowns on a design study for a smaller one with the working name Glowworm. A decision to build has not been taken; it is expected in spring 2026.","blocks":[{"kind":"heading","start":0,"end":43,"level":1},{"kind":"paragraph","start":45,"end":115,"level":0},{"kind":"heading","start":117,"end":142,"level":3},{"kind":"paragraph","start":144,"end":506,"level":0},{"kind":"paragraph","start":508,"end":650,"level":0},{"kind":"heading","start":652,"end":674,"level":3},{"kind":"paragraph","start":676,"end":1020,"level":0},{"kind":"heading","start":1022,"end":1045,"level":3},{"kind":"paragraph","start":1047,"end":1141,"level":0},{"kind":"heading","start":1143,"end":1163,"level":3},{"kind":"paragraph","start":1165,"end":1379,"level":0},{"kind":"heading","start":1381,"end":1400,"level":3},{"kind":"paragraph","start":1402,"end":1703,"level":0},{"kind":"heading","start":1705,"end":1728,"level":3},{"kind":"paragraph","start":1730,"end":1959,"level":0},{"kind":"heading","start":1961,"end":1994,"level":3},{"kind":"paragraph","start":1996,"end":2315,"level":0},{"kind":"paragraph","start":2317,"end":2413,"level":0},{"kind":"heading","start":2415,"end":2460,"level":3},{"kind":"paragraph","start":2462,"end":2682,"level":0},{"kind":"heading","start":2684,"end":2724,"level":3},{"kind":"list_item","start":2726,"end":2788,"level":0},{"kind":"list_item","start":2790,"end":2834,"level":0},{"kind":"list_item","start":2836,"end":2924,"level":0},{"kind":"heading","start":2926,"end":2959,"level":3},{"kind":"paragraph","start":2961,"end":3269,"level":0},{"kind":"heading","start":3271,"end":3319,"level":3},{"kind":"paragraph","start":3321,"end":3622,"level":0},{"kind":"heading","start":3624,"end":3652,"level":3},{"kind":"paragraph","start":3654,"end":3855,"level":0}],"content_hash":"d9fc22c47f67de210a979042684d5c41c6c656cb59bf6029297681962b0efd53","retrieved_at":"2026-11-26T08:46:40.302843Z","published_at":null,"author":null,"language":null,"id":"01a21709-12e5-765a-b90a-116c54515458"}', 1, 'questions we are asked at the ticket window', '/srv/ferry/faq.md');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 1, 'run.queued', '{"topic": "How the ferry Lanternfish is run on Ostrel", "model": "openai:fake"}', '2026-11-26 08:46:20.760101');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 2, 'run.started', '{"owner": "vm|602|1b9ce14cd924"}', '2026-11-26 08:46:39.923151');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 3, 'stage.started', '{"stage": "research", "item": ""}', '2026-11-26 08:46:40.300261');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 4, 'stage.progress', '{"stage": "research", "done": 1, "total": 2, "what": "/srv/ferry/fact-sheet-2025.md"}', '2026-11-26 08:46:40.359502');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 5, 'stage.progress', '{"stage": "research", "done": 2, "total": 2, "what": "/srv/ferry/faq.md"}', '2026-11-26 08:46:40.370538');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 6, 'stage.finished', '{"stage": "research", "item": "", "seconds": 0.092}', '2026-11-26 08:46:40.401234');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 7, 'stage.started', '{"stage": "evidence", "item": ""}', '2026-11-26 08:46:40.619867');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 8, 'stage.finished', '{"stage": "evidence", "item": "", "seconds": 0.177}', '2026-11-26 08:46:40.904589');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 9, 'stage.started', '{"stage": "outline", "item": ""}', '2026-11-26 08:46:41.063084');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 10, 'stage.finished', '{"stage": "outline", "item": "", "seconds": 1.105}', '2026-11-26 08:46:42.173272');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 11, 'stage.started', '{"stage": "sections", "item": "0"}', '2026-11-26 08:46:42.224029');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 12, 'stage.started', '{"stage": "sections", "item": "1"}', '2026-11-26 08:46:42.232591');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 13, 'section.text', '{"item": "0", "heading": "", "text": "The"}', '2026-11-26 08:46:42.428452');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 14, 'section.text', '{"item": "1", "heading": "Since the refit of February", "text": "Since the refit of indeed"}', '2026-11-26 08:46:42.482629');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 15, 'section.text', '{"item": "0", "heading": "", "text": "The Ostrel Night Ferry indeed Cooperative was founded on indeed 14 November 2015. Since the refit of so February 2025 the Lanternfish so has a battery capacity so of 4.8 MWh. It had 1,946 members thus on 31 December 2024 thus and employs 46 people, thus 31 of them at thus sea.\n\nThe third battery room here took the place of here the forward lounge, which here is why the ship here is now licensed for here 132 passengers. General manager since 2019 indeed is Marit Adeyo; Sunniva indeed Prakash chairs the board. The number of berths so is unchanged."}', '2026-11-26 08:46:42.581054');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 16, 'section.text', '{"item": "1", "heading": "Since the refit of February", "text": "Since the refit of indeed February 2025 the Lanternfish indeed has a battery capacity indeed of 4.8 MWh. The Ostrel Night Ferry so Cooperative was founded on so 14 November 2015. The third battery room thus took the place of thus the forward lounge, which thus is why the ship thus is now licensed for thus 132 passengers.\n\nIt had 1,946 members here on 31 December 2024 here and employs 46 people, here 31 of them at here sea. The number of berths indeed is unchanged. General manager since 2019 so is Marit Adeyo; Sunniva so Prakash chairs the board."}', '2026-11-26 08:46:42.593080');
INSERT INTO run_events VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 17, 'stage.finished', '{"stage": "sections", "item": "0", "seconds": 0.363}', '2026-11-26 08:46:42.604634');
INSERT INTO stage_records VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 'research', '', '{"source_ids":["01a21709-12e5-765a-b90a-116b617b3b37","01a21709-12e5-765a-b90a-116c54515458"],"problems":[]}', 1, 'cec6186098d274f35671b4a33eb5454ae9ddb82f1e3fd4b1ae7729962311293e', 0.09225118700123858, '2026-11-26 08:46:40.394618');
INSERT INTO stage_records VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 'evidence', '', '{"items":[{"passage":{"id":"66a47e44429f21a8","source_hash":"69a46f5884bfe49d94e284729c66d9c06e4b9319cafac8a305758bed4f97a432","start":2054,"end":2281,"text":"The Ostrel Night Ferry Cooperative was founded on 14 November 2015. It had 1,946 members on 31 December 2024 and employs 46 people, 31 of them at sea. General manager since 2019 is Marit Adeyo; Sunniva Prakash chairs the board.","headings":["Fact sheet 2025: MV Lanternfish and the night service","The organisation"]},"relevance":1.0},{"passage":{"id":"f70f83c201aaf512","source_hash":"69a46f5884bfe49d94e284729c66d9c06e4b9319cafac8a305758bed4f97a432","start":520,"end":757,"text":"Since the refit of February 2025 the Lanternfish has a battery capacity of 4.8 MWh. The third battery room took the place of the forward lounge, which is why the ship is now licensed for 132 passengers. The number of berths is unchanged.","headings":["Fact sheet 2025: MV Lanternfish and the night service","The ship"]},"relevance":1.0}],"sources":[{"id":"01a21709-12e5-765a-b90a-116b617b3b37","content_hash":"69a46f5884bfe49d94e284729c66d9c06e4b9319cafac8a305758bed4f97a432","location":"src/fact-sheet-2025.md","kind":"markdown","title":"Fact sheet: MV Lanternfish and the night service","retrieved_at":"2026-11-26T08:46:40.302756Z","published_at":"2025-06-02T00:00:00Z","author":"Ostrel Night Ferry Cooperative, Information Office"}],"superseded":[],"notes":["1 of 2 sources bear too little on the topic and were left out: ''Questions we are asked at the ticket window''"]}', 1, '8373d9237e796598c761e548b3fe5b52728fece9ca93f081a823ed181ff00d1e', 0.17721117299515754, '2026-11-26 08:46:40.888187');
INSERT INTO stage_records VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 'outline', '', '{"title":"How the ferry Lanternfish is run on Ostrel","description":"What the sources say about How the ferry Lanternfish is run on Ostrel.","sections":[{"heading":"","purpose":"How the ferry Lanternfish is run on Ostrel","passages":["66a47e44429f21a8","f70f83c201aaf512"],"points":[],"words":112},{"heading":"Since the refit of February","purpose":"Tells about Since the refit of February.","passages":["f70f83c201aaf512","66a47e44429f21a8"],"points":[],"words":788}]}', 1, '7d575ee9b30784cfde32278bb8ab298eaf28763108fe334a43b1649815c39171', 1.1053458609967493, '2026-11-26 08:46:42.170092');
INSERT INTO stage_records VALUES('00000000000070008000000000000001', '01a21708c62c721eb19630d3812a5253', 'sections', '0', '{"heading":"","paragraphs":[{"kind":"text","sentences":[{"id":"01a21709-1b7e-7195-93a9-39aba1ea30bd","text":"The Ostrel Night Ferry indeed Cooperative was founded on indeed 14 November 2015.","citations":["66a47e44429f21a8"]},{"id":"01a21709-1b7e-7195-93a9-39ac69339d1e","text":"Since the refit of so February 2025 the Lanternfish so has a battery capacity so of 4.8 MWh.","citations":["f70f83c201aaf512"]},{"id":"01a21709-1b7e-7195-93a9-39ad0a6a5b18","text":"It had 1,946 members thus on 31 December 2024 thus and employs 46 people, thus 31 of them at thus sea.","citations":["66a47e44429f21a8"]}],"attribution":null},{"kind":"text","sentences":[{"id":"01a21709-1b7e-7195-93a9-39ae610c9c43","text":"The third battery room here took the place of here the forward lounge, which here is why the ship here is now licensed for here 132 passengers.","citations":["f70f83c201aaf512"]},{"id":"01a21709-1b7e-7195-93a9-39af95f249cd","text":"General manager since 2019 indeed is Marit Adeyo; Sunniva indeed Prakash chairs the board.","citations":["66a47e44429f21a8"]},{"id":"01a21709-1b7e-7195-93a9-39b084898919","text":"The number of berths so is unchanged.","citations":["f70f83c201aaf512"]}],"attribution":null}]}', 1, '6ee8c3335f99f7336a1906de663668f2f9360d4dd05d77767dc3e379327b3388', 0.3628716759994859, '2026-11-26 08:46:42.591532');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '41d191c93d56177258e6d501874ae9d5c2e3eee149120bc2a7cdfbe456533e79', X'000000000000000000000000b25f9a3e0000000000000000000000000000000000000000b25f9a3eb25f9abe00000000000000000000000000000000000000000000000000000000000000000000000000000000b25f1a3f00000000000000000000000000000000000000000000000000000000000000000000000000000000b25f9abe00000000000000000000000000000000000000000000000000000000b25f9abe0000000000000000000000000000000000000000000000000000000000000000b25f9abe000000000000000000000000000000000000000000000000b25f9abe00000000000000000000000000000000000000000000000000000000', '2026-11-26 08:46:40.805597');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '4d1c221640249f9b9885145e6da824f45467bc4f4776673cac16110eb5d799a7', X'000000008f7bec3d8f7becbd8f7becbd000000008f7becbd8f7b6c3e8f7bec3d000000008f7b6c3e8f7bec3d000000008f7bec3d8f7becbd8f7becbd8f7becbd8f7becbd8f7bec3d8f7bec3d000000008f7bec3d000000008f7b6cbe8f7becbd000000000000000000000000000000008f7bec3d8f7bec3d8f7b6cbe000000008f7b6c3e8f7b6cbe000000008f7becbd8f7bec3d000000008f7bec3d8f7becbd8f7bec3d8f7becbdac5cb13e00000000000000008f7bec3d00000000000000008f7becbd8f7becbd000000008f7becbd00000000000000008f7bec3d000000008f7becbd8f7bec3d8f7bec3d000000008f7becbd8f7becbdac5cb1be00000000', '2026-11-26 08:46:40.805597');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '54663cf61d6967ab1339868e13497cc99237e8bb0cb50b9d4a631f290f4913a8', X'0000000000000000d5008e3ed5008ebe00000000d5008ebe0000000000000000000000000000000000000000d5008ebe0000000000000000d5008ebe000000000000000000000000000000000000000000000000d5008ebe00000000d5008e3e00000000000000000000000000000000000000000000000000000000000000000000000000000000d5008e3e000000000000000000000000d5008ebe0000000000000000d5008ebe0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000d5008e3e000000000000000000000000d5008ebed5008ebe0000000000000000', '2026-11-26 08:46:40.805597');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '7f17999c640ff02b5b911ab396108e32b6506bb95c252006828d1446e0bbfe6e', X'45b3efbd45b3ef3d45b3efbd45b36f3e00000000000000000000000000000000000000000000000045b3ef3d45b3efbd000000000000000045b3efbd45b3ef3d45b3efbd74c6b33e45b36fbe0000000045b3efbd45b36f3e45b3ef3d45b36f3e45b3efbd45b36f3e45b3ef3d0000000045b3ef3d000000000000000045b3ef3d45b3ef3d000000000000000045b3efbd45b3ef3d45b3efbd45b3efbd45b3efbd45b3ef3d000000000000000045b36f3e0000000045b36f3e45b3ef3d45b3ef3d0000000045b3efbd45b3efbd0000000045b3ef3d0000000045b3efbd45b36f3e45b3efbd45b3ef3d45b3efbd45b3efbd45b3efbd000000000000000000000000', '2026-11-26 08:46:40.805597');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '86c9e473bdf45fe0b324d77e11e37f02573654926048fbc2f66f76c2fd784991', X'0000000000000000036be63d000000000000000000000000036b66be036be6bd036be6bd036b66be00000000036be63d00000000036be63d00000000000000000000000042d0ac3e42d0ac3e036be63d00000000000000000000000042d0acbe0000000000000000036be63d036be6bd036be63d00000000036be6bd036be6bd0000000000000000036be6bd00000000036be6bd000000000000000042d0acbe036be63d00000000036be63d00000000000000000000000000000000036b66be036be6bd036be63d036be63d00000000000000000000000000000000036be6bd0000000000000000036be63d036b66be036be6bd036be63d036b66be036be6bd', '2026-11-26 08:46:40.805597');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'ab34b5c1605c527ed1b5bf91664e72c5469ff98e7b1631ea769177eeef1318a8', X'0000000000000000000000000000000000000000000000000000000000000000b25f9abeb25f9a3e0000000000000000b25f9abeb25f9abeb25f9a3e000000000000000000000000b25f9abe0000000000000000b25f9a3e000000000000000000000000b25f9a3e00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000b25f9a3e0000000000000000000000000000000000000000b25f9abe000000000000000000000000000000000000000000000000000000000000000000000000b25f9abe0000000000000000', '2026-11-26 08:46:40.805597');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'cd99257e924c0e9d62ca4c074b49e930f648e91e4796fc69944c7e466298cb82', X'000000008b0df3bd8b0df33d8b0d73be8b0df33d8b0df3bd8b0df3bd000000008b0df33d0000000000000000000000008b0df33d8b0df3bd284ab63e8b0df3bd000000008b0df33d8b0df33d8b0df33d00000000000000008b0df3bd8b0df3bd284ab63e0000000000000000000000008b0d73be000000008b0d733e00000000000000000000000000000000000000008b0df33d000000008b0df3bd8b0df33d000000008b0d73be000000008b0df33d8b0df33d0000000000000000000000008b0df3bd000000008b0df33d8b0d733e8b0df33d8b0df3bd000000008b0df33d8b0df3bd8b0df33d8b0d73be8b0df33d8b0df33d00000000000000008b0df3bd', '2026-11-26 08:46:40.805597');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'dd9dd3a19931d4f138f733a5c3f185d59ba9d3364cfffa0771389c360155fb3f', X'000000000000000000000000000000000000000000000000000000000000000000000000d5008e3e0000000000000000d5008e3e0000000000000000d5008e3e00000000d5008e3e0000000000000000d5008ebed5008e3e00000000d5000ebf00000000d5008ebed5008e3e0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000d5008ebe00000000000000000000000000000000000000000000000000000000000000000000000000000000', '2026-11-26 08:46:40.805597');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '05001dea6b7aa2170d8e19c5cc107ac704e95bcd3c47c9169643356681c91ebf', X'0000000000000000435b78be00000000000000000000000000000000000000000000000000000000435b783e00000000000000000000000000000000435b78be00000000000000000000000000000000000000000000000000000000435bf8be00000000435b78be0000000000000000000000000000000000000000435b78be000000000000000000000000435b783e0000000000000000435b78be435b783e00000000435b78be00000000000000000000000000000000000000000000000000000000435b783e0000000000000000435b783e435b78be00000000435b78be0000000000000000000000000000000000000000000000000000000000000000', '2026-11-26 08:46:40.871167');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '063b71db3cd6666c7d5b9d7a40e8aa377d3bb1bfb47be366bc8dc664d40911f4', X'0479ac3e0479acbd0479acbd000000000479ac3d000000000479acbd000000000479acbd000000000479acbd0000000000000000c35a813e00000000000000000479acbd000000000479ac3d04792c3e0479acbd0479acbd04792cbe0479acbe0479acbd000000000479ac3d04792c3e0479ac3d0479ac3d04792c3e0479acbd0479ac3d0479acbd04792c3e0479acbd000000000479acbd4597d73e0479ac3d0479ac3d0479ac3d0479acbd04792cbe000000000479ac3d0479ac3d0479acbd0000000004792cbe0479ac3d000000000479acbd000000000479acbd0479acbd0479acbd0479ac3d0479ac3d04792cbe00000000c35a81be000000000479ac3d', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '0ef19f2cce65e455d4de06e553a29b173c67c44d5fc33a5be87fce5028cb351b', X'0ba9923d0ba992bd0ba9923d000000000000000091fd5bbe0ba912be000000000ba992bd0ba912be0ba9923d0ba9923d000000000ba992bd0ba9923d0ba992bd000000000ba9923e0ba992bd00000000000000000ba9923d0ba9123e0ba912bf000000000ba9923d000000000ba9923d0ba9123e0ba912be0ba992bd000000000ba9923d0ba9123e000000000ba9123e0ba9123e0ba9923d91fd5b3e00000000000000000ba992bd0ba9923d0ba912be000000000ba9923d0ba9123e000000000ba9923d0ba912be000000000ba992bd0ba9123e0ba912be00000000000000000ba9923d0ba992bd0ba9923d0ba912be0ba9123e91fd5bbe0ba9123e00000000', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '1ec750798988a21bdc84fcd1c0a0e93d71b40361618597e2bf45363e2d795a19', X'0000000059c7a7bd59c7a7bd59c7a7bd0000000059c7a7bd59c7a7bd59c7273e59c7a7bd0000000059c7273e0000000059c7a7bd0000000059c727be59c7273e59c7a7bd59c7273e59c7a7bd0000000000000000000000000000000059c7a7be59c7a73d000000000000000059c7a73d000000000000000059c7a73d000000000000000059c7a7bd59c7a73d0000000005ab7bbe59c7a73d59c7273e59c7a73d0000000059c7a73d000000000000000059c7a7bd59c7a73e05ab7b3e59c727be59c7a73d59c727be59c7a7be59c7a73d59c7a73d05ab7b3e59c7a73d59c7273e000000000000000059c7a73d59c727be59c7a7bd05ab7bbe59c7a73d00000000', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '20b906fdb639d22676cbde4e2ed7389cce6f06a2b215836a6981baba1508cc1d', X'ec24893dec2489bdec24893d00000000ec24093eec24093e00000000ec24893dec24093eec24093eec2489bdec2489bdec2409beec24893dec2489bdec2489beec24893dec24093eec24893dec24893dec2489bdec24093eec24893d62b7cdbe00000000ec24893dec24893dec24893dec2489bdec2409beec24893e00000000ec24893d276eabbe00000000ec2409be0000000000000000ec2489bd00000000ec24893d62b74dbeec24893d00000000000000000000000000000000ec24893d00000000ec2489bd0000000062b74d3e276eab3eec2489bdec2409be0000000000000000ec2489bd00000000ec2409beec2489bd00000000ec24893dec24893e', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '2217dac1dc419183e6dc7b71aa70b24e69e0ce8231777e7041c69ce64db827b2', X'f3f82e3e00000000f3f8ae3df3f8ae3d00000000f3f8aebdf3f8aebd00000000f3f8aebef3f8aebdf3f8aebd0000000000000000f3f8ae3df3f8aebdf3f8ae3df3f8ae3df3f8ae3d00000000f3f82e3e00000000b63a83bef3f8aebdb63a83bef3f8aebd00000000f3f8ae3d0000000000000000f3f8ae3df3f8aebdf3f8ae3df3f82ebef3f82e3ef3f8ae3d00000000f3f82ebe00000000f3f8ae3e00000000f3f8ae3db63a833ef3f82e3ef3f82e3e00000000f3f8ae3d00000000f3f8aebdf3f8ae3df3f8ae3d0000000000000000f3f8ae3d00000000f3f8aebd0000000000000000f3f82e3ef3f82e3ef3f82ebef3f82e3ef3f82e3ef3f82e3ef3f8aebd', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '227756b026e8be86c531b3cfe5555c2be673c5fd0680fee69d84d23bfc70620a', X'2630143e263014be000000000000000000000000263014be263094be00000000263014be263014be00000000263014be0000000000000000263094bd2630143e0000000000000000263094bd263094bd263094bd2630943d2630943d2ab626bf000000002630143e2630943d000000000000000039485ebe00000000263094bd2630943d00000000263094bd263094bd263014be2630143e2630943d2630943d00000000263094bd2630143e2630943d2630943d263094bd2630143e263094bd2630943d263094bd000000000000000039485e3e2630943d0000000000000000263094bd2630943d2630143e00000000000000000000000000000000263094bd', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '351c23196a137ede60715b81594a3bc611578832f94014c454cf92f186d045a4', X'000000005ba754bd5ba7d43d5ba754bd000000005ba754bd5ba7d43d0000000000000000847d1f3e5ba754bd5ba7543d847d1fbe5ba754bd5ba754bd847d1f3e5ba754bd000000005ba7d4bd847d1f3e5ba7d4bd5ba7d43d5ba754bd5ba7d4be5ba7543d5ba7543d5ba7d4bd5ba754bd5ba7d4bd847d1f3e00000000000000005ba754bd5ba754bd5ba7d43d5ba7d4bd5ba754bd5ba754bd5ba7d43d5ba7d43d5ba754bd5ba7d4bd5ba7d4bd000000005ba7543d6f12ba3e847d9f3e5ba754be5ba7543d847d1fbe5ba7543d5ba7d4bd5ba7d43d5ba7543d847d1f3e847d1fbe5ba7d4bd000000005ba754bd847d1fbe5ba7d4bd99e884be5ba754bd847d1f3e', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '5084522d0bb557ce80712374ef44d9a471ce552a27e62573c97b27c17d66d1a2', X'7cc7713d00000000000000007cc771bd000000007cc771bd7cc7f1bd000000007cc7f13d7cc7f13d7cc771bd7cc771bd7cc7713d9d5535be000000007cc7713d000000007cc7713d7cc771bd00000000000000007cc7f13d7cc771bd253926bf7cc771bd000000007cc7713d7cc7713d000000007cc7f1bd8c8ed33e00000000000000007cc7713d7cc7713d7cc7713d7cc7f13d00000000000000009d55353e7cc7713d7cc7f1bd7cc771bd7cc7f13d7cc7713d7cc771bd7cc7713d000000007cc771bd7cc7713d7cc771bd7cc7f13d7cc7713d7cc7f13d0000000000000000000000007cc7f1bd9d55353e7cc7f13d000000007cc771bd000000007cc7713e', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '731d48fa1d4adb6a025e14565dc0125e37b28ab7b25409397a8f12f40a0c864b', X'00000000000000002a432b3e2a43ab3d2a43abbd000000002a43abbd000000002a432b3e2a43abbd607280be000000002a43abbd2a43ab3d2a43ab3d00000000607280be6072803e2a43ab3d2a43abbd000000002a432b3e2a43abbd2a43abbe00000000000000002a43ab3d2a43ab3d2a43ab3d2a432bbef513d63e2a43ab3d000000002a43abbd000000002a43abbd2a43abbd000000002a43abbd2a43ab3d2a432b3e000000002a43abbd2a43ab3d000000002a43ab3d00000000000000000000000000000000000000006072803e2a432b3e000000002a43ab3d2a43abbd000000000000000000000000000000002a43ab3d000000002a43abbd2a43ab3e', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '83499d64c482b684d1989f343fea690942a38eee12a4312712b7c2fb74a9c6ec', X'00000000af67a1bdaf67a1bdaf67213eaf67a13d00000000af67a1bd0000000000000000af67213eaf6721beaf67a1bdaf67a1be00000000af67a13daf67a13daf67a13daf67a13daf6721be00000000af67a13daf67a13d00000000af67a1be00000000af67a13daf67a1bd00000000af6721be00000000af67213eaf67a1bdaf6721beaf67a1bd0000000000000000af67213e00000000861b723eaf67a13daf67a13daf6721beaf6721beaf67a13d00000000af67a13eaf67213eaf67a13daf67213e861b72beaf67213eaf6721beaf67a13daf67a13daf67213eaf67a1bdaf6721beaf67a13daf67a13daf6721beaf67a1bdaf67a1bdaf67a13d00000000', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '8d423556db16f66ffe878075683946bcc1191ad9d136db7fbcfb0839b2d264fa', X'00000000fd94483dfd94c8bd3cba7abefd94c8bdfd9448bdbe6f163efd9448bdfd94c83dfd9448bdbe6f16be00000000fd94483d00000000fd94c83dfd94c83dfd94c8bdfd94483efd94c8bdfd94483dbe6f163efd94c8bdfd9448bd0df922bffd94483dfd94c83dfd94483dfd9448bd00000000fd9448bd3cba7a3efd94483dfd94c83dfd9448bdfd94483dfd9448bdfd94483dfd94483dfd94c83d00000000fd94483dfd94483dfd94483d3cba7a3e0000000000000000fd94483d00000000fd94c83dfd9448bd00000000fd94483dbe6f163efd9448bdfd9448befd94483d00000000fd94c8bd00000000fd9448bdfd94483dfd9448bdbe6f163efd94483e', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', '9ea862ca28ce2e256ca91ab260c1c90e18721ce520877f77912bacbfcafc1395', X'00000000af2944be00000000af29c4bdaf29c4bdaf29c4bdaf29c4bd00000000af2944be000000000000000000000000af29c43daf2944be0000000000000000af29c43e0000000000000000af29c43daf29c4bdaf2944beaf29c4bdaf29c43daf29c4bdaf29c43d0000000000000000af29c43daf29c43daf29c43daf2944beaf29c4bd00000000af2944be0000000000000000af29c4bdaf29443eaf29c43daf29c43daf29c4bdaf29c4bdaf29443e431f93beaf29c4bd0000000000000000af29443eaf29c43daf29c4bd00000000431f933eaf29c43d0000000000000000af2944beaf2944beaf29c4bd00000000af29c4bdaf2944beaf29c43d00000000', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'a64104c7ced23b03ac8e78245f8595668267628c881c58296fa5e7637eacee17', X'0000000000000000bd72a33dbd72a3bd00000000bd72a3bd0000000000000000bd72233ebd72233e1b2c75be0000000000000000bd72a3bdbd72a33dbd72a3bdbd72a3bd000000000000000000000000bd7223bebd72a33d000000006c4fccbe0000000000000000000000000000000000000000bd72a3bd6c4fcc3ebd7223bebd72a3bdbd7223bebd72a33dbd72a3bd00000000000000000000000000000000bd72a33d00000000bd72a33d6c4fcc3e00000000bd72a33dbd72a3bd00000000bd72a3bd00000000bd72a3bdbd72233ebd72233e00000000bd72a3bd000000000000000000000000bd72a33d000000000000000000000000000000006c4fcc3e', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'b17d45fa93e463d51f9ad9b3395d8c4dc4aa29ab6ed0e63a64067d7e3becde0e', X'af67a1bdaf6721beaf67a13d000000000000000000000000af67a1bdaf67a13daf67a1bdaf67a13d861b72beaf67a1bdaf67a1bdaf67213eaf67a1bdaf67a13daf67a1bdaf6721beaf67a13daf67a13daf6721be00000000af67a1bd861b72beaf67a1bd00000000af67a1bd00000000af67213eaf67a13d00000000af67a1bd0000000000000000861b723e000000000000000000000000861b723eaf67a13daf67a1bdaf67a13eaf6721beaf67a1bd00000000861b723eaf67a13d861b72beaf67213e9ac1c9be00000000af67a13daf67a13daf67a1bdaf6721beaf67a1bdaf67a1bd00000000af67a13daf67a1bd00000000af6721be00000000af67a13d', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'd4cb4ed83d2d59f9c678164e4ec58b8efa650fb421857908cbdeef2eac66f91d', X'45b3ef3d45b3efbd000000000000000045b36f3e45b3ef3d0000000045b3efbd0000000045b3efbd000000000000000045b3ef3d0000000045b3ef3d00000000000000000000000045b3efbd000000000000000000000000000000000bd015bf0000000045b3ef3d0000000045b36fbe000000000000000045b3ef3d45b3ef3d0000000045b3ef3d0000000045b3ef3d45b36fbe000000000000000045b36f3e45b3efbd0000000045b3efbd45b3ef3d45b3efbd45b3ef3d45b3ef3d45b3efbd45b36f3e45b3efbd45b3ef3d0000000000000000000000000000000045b36fbe000000000000000045b3ef3d000000000000000045b3efbd0000000000000000', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'e300b854450add6d5411d0ef880a3fa6cf9f2e98a4a733b4a8a5ca6eb99ad681', X'0000000048a0723d48a072bd0000000048a0723e36f8353e0000000036f835be36f8353e36f8353e0000000048a072bd48a072bd36f835be48a0723d0000000048a0723d48a072bd0000000048a0723d48a072bd48a0723d48a0f2bd36f8b5be48a072bd48a0723d0000000048a072be48a0723d36f835be000000000000000048a0f2bd0000000048a0723d00000000000000000000000048a0723d0000000036f835be0000000048a0723d48a0723d48a0723d48a072bd3f4cd43e48a0723d48a0723e48a0f2bd48a0f2bd48a0723d48a0f23d48a072bd48a072bd00000000000000000000000036f8353e48a072bd48a0723d2da497be48a0723d36f8353e', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'f16a1877074bea1cdea836280105bc35a0bccba10b1f094ea2a23bb7fe86da64', X'000000004f9d9c3d4f9d1c3e000000004f9d9c3d4f9d9c3d000000004f9d9c3d4f9d1c3e4f9d9cbdf6eb6abe4f9d9c3d000000004f9d9c3d4f9d9c3d4f9d9c3d4f9d9cbd4f9d9c3e4f9d9cbd4f9d9c3d4f9d9c3d4f9d9c3d4f9d1cbef6eb6abe4f9d9c3d000000004f9d9cbd00000000000000004f9d9c3d4f9d9c3e00000000000000004f9d1cbe00000000000000004f9d9cbd000000000000000000000000a2c4c33e4f9d9c3d4f9d1cbe4f9d9c3d000000004f9d1c3e4f9d9cbd4f9d1cbe4f9d9cbdf6eb6abe4f9d9c3d4f9d9c3df6eb6a3e4f9d9c3d000000004f9d9cbd000000004f9d9c3d4f9d9c3d4f9d1cbe000000004f9d9cbd4f9d9cbd4f9d9c3e', '2026-11-26 08:46:40.880534');
INSERT INTO embeddings VALUES('00000000000070008000000000000001', 'hashing:64', 'faefd3ee48c1e881229c2409a4cc25e8c1701c16b664fd7c02f32c72cd6412f0', X'af3a55bdaf3a55bd00000000af3a55bd0000000000000000af3ad53daf3a553d03ec1fbe03ec1f3eaf3ad5bd03ec1fbeaf3a553daf3ad53daf3a553eaf3a55bd0000000000000000af3a55beaf3a553d03ec1fbeaf3a55bdaf3ad5bd03ec1fbf00000000af3a553daf3a553d03ec1fbe00000000af3a55bdaf3a553eaf3a55bdaf3a55bd00000000af3ad53d00000000af3ad5bdaf3a553daf3a553e0000000003ec1fbe03ec1fbeaf3ad5bd00000000af3ad53daf3a553daf3a553daf3a55bdaf3a553daf3ad5bdaf3ad53daf3ad53daf3ad5bdaf3ad5bdaf3a553d00000000af3ad5bdaf3a55bdaf3ad5bd0000000000000000af3a55beaf3a553daf3a55bd', '2026-11-26 08:46:40.880534');
CREATE INDEX ix_articles_score ON articles (workspace_id, score);
CREATE INDEX ix_articles_slug ON articles (workspace_id, slug);
CREATE INDEX ix_articles_updated_at ON articles (workspace_id, updated_at);
CREATE INDEX ix_citations_passage_id ON citations (workspace_id, passage_id);
CREATE INDEX ix_content_metrics_created_at ON content_metrics (workspace_id, created_at);
CREATE INDEX ix_findings_rule ON findings (workspace_id, rule);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (workspace_id, created_at);
CREATE INDEX ix_model_calls_call_key ON model_calls (workspace_id, call_key);
CREATE INDEX ix_model_calls_run_id ON model_calls (workspace_id, run_id);
CREATE INDEX ix_passages_source_hash ON passages (workspace_id, source_hash);
CREATE INDEX ix_runs_article_id ON runs (workspace_id, article_id);
CREATE INDEX ix_runs_batch_id ON runs (workspace_id, batch_id);
CREATE INDEX ix_runs_created_at ON runs (workspace_id, created_at);
CREATE INDEX ix_runs_status ON runs (workspace_id, status, created_at);
CREATE INDEX ix_sources_content_hash ON sources (workspace_id, content_hash);
CREATE INDEX ix_sources_retrieved_at ON sources (workspace_id, retrieved_at);
CREATE TRIGGER sentence_added AFTER INSERT ON article_sentences BEGIN INSERT INTO sentence_trigrams (rowid, folded) VALUES (new.id, new.folded); END;
CREATE TRIGGER sentence_changed AFTER UPDATE ON article_sentences BEGIN INSERT INTO sentence_trigrams (sentence_trigrams, rowid, folded) VALUES ('delete', old.id, old.folded); INSERT INTO sentence_trigrams (rowid, folded) VALUES (new.id, new.folded); END;
CREATE TRIGGER sentence_removed AFTER DELETE ON article_sentences BEGIN INSERT INTO sentence_trigrams (sentence_trigrams, rowid, folded) VALUES ('delete', old.id, old.folded); END;
COMMIT;
