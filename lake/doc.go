// Package lake writes the studies of a mirror as Apache Iceberg tables, which many people and engines
// can read at once: a table for each form, and tables of rejects, queries, comments, record revisions and
// changes.
//
//	cat, closeCatalog, err := lake.OpenCatalog(ctx, "postgres://lake@localhost/lake", lake.CatalogOptions{Warehouse: "s3://bucket/lake"})
//	defer closeCatalog()
//	l, err := lake.New(mirror, cat)
//	report, err := l.Sync(ctx, "DEMO", lake.SyncOptions{})  // bring the tables to the mirror's version
//	tag, err := l.Tag(ctx, "DEMO", "lock-1", 0)             // name this moment for ever
//	cut, err := l.Open(ctx, "DEMO", "lock-1")               // which snapshot each table has in it
//
// It is a module of its own, github.com/imednetgo/imednet/lake, since iceberg-go brings many others. The
// command imednet-lake does the same from a shell.
//
// # Tables
//
// The namespace of a study is its key, and the name of a form's table the form's key ([TableNames]).
// Columns and rows are those of [tables.RecordMapper.MapForms]: active records, typed by the study's
// [tables.Plan]. What does not fit is in _rejects, as it arrived. _queries, _query_comments and _revisions
// have the documented members as columns, and the first and the last the JSON of the row under raw.
// _changes has a row for each [cache.Change]: who, when and why as the mirror knew it when the row was
// written, and only if a single save explains it.
//
// The table _tables has a row for each table of the study: its snapshot at one moment. Its own snapshots
// are the moments of the study. A reader who wants tables of one moment reads _tables first ([Lake.Current],
// [Lake.Open]) and each table at the snapshot that it names; a reader of a single table can do without.
// It lists the data files of each table with their SHA-256, and that of its columns, with which [Lake.Verify] compares them.
// [Lake.WriteTable] adds a table of other rows, such as canonical data, to the moment of its version.
//
// # One commit a version
//
// [Lake.Sync] commits each table at most once, and only if a row of it changed. The snapshot's properties
// say which version of the mirror it holds (imednet.version), the server's time, the number of rows, the
// hash of what decides how records become rows, the program, and the fencing token. The next run reads
// from the mirror what changed since that version. It writes again each file that holds a changed record,
// without delete files, so that every engine reads the tables and a scan costs what a fresh table costs;
// files end at 16 MiB ([WithFileBytes]). Queries and revisions are compared whole; records are not, unless
// more than 100,000 changed.
// All rows of a table are written again if its columns or the rules for its rows changed, if another
// release of this program writes it, and if the mirror has purged what changed since.
//
// A commit is a compare-and-swap of the table's snapshot in the catalog. A run that is killed leaves each
// table at its old or its new snapshot and the moment at the old one; the next run continues. Of two
// writers the loser begins again from what the other wrote, where the version says what is left to do, so
// that nothing stands twice. A catalog in PostgreSQL that goes away is waited for ([CatalogOptions].Wait), and a
// commit whose outcome is not known is made again only if the table does not have it. With [WithFence], a writer is refused once a greater token stands on the
// study or the table: a stale writer can commit at most to tables that the new one has not come to, and
// never a moment after it. A lake that was written from another mirror is [ErrOtherMirror].
//
// # Columns
//
// A column is known by its variable's id and keeps its field id when it is renamed; order means nothing.
// Columns are added, renamed, widened (int to long, float to double) and dropped as the plan has them; older
// snapshots and tags keep their own. A type that Iceberg cannot turn into the new one is a *[SchemaError],
// before anything is written; [SyncOptions].ReplaceColumns drops the column and adds another. The table of a form
// that the study no longer has is emptied: it stands in no new moment, and earlier ones and tags keep its rows.
//
// # Upkeep
//
// [Lake.Compact] joins small files and manifests, [Lake.Expire] removes old moments and what only they
// name, and both have a policy. A tag ([Lake.Tag]) keeps its rows whatever they do.
//
// # Privacy
//
// Files and catalogs hold subject data, also as bounds of columns in manifests: keep them where that is
// permitted. [UsePrivateFiles] makes local files readable by their owner alone and durable. Nothing is
// de-identified. Error texts and progress hold no subject data.
package lake
