package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/inplace"
)

// CachedRecords returns all active records of the study as a slice, in ascending order of id,
// without contacting the server. See [CachedRecordsLoader.IterCachedRecords].
func (l *CachedRecordsLoader) CachedRecords(ctx context.Context, studyKey string) ([]imednet.Record, error) {
	var records []imednet.Record
	for rec, err := range l.IterCachedRecords(ctx, studyKey) {
		if err != nil {
			return nil, err
		}
		records = append(records, rec)
	}
	return records, nil
}

// IterCachedRecords yields the study's active records in ascending order of id, in bounded memory
// and without contacting the server. All records are as of the moment when the iteration began,
// regardless of what a sync or another process writes meanwhile. The file is not locked between
// groups of rows, so that even an iteration that takes days blocks no other user. It yields
// whatever the file holds: this can be nothing, the part left by an interrupted first sync, or rows
// of the Python package that no sync has read yet (without the guarantee above).
// [CachedRecordsLoader.Records] returns an error in all of these cases.
//
// Errors, in an *[imednet.Error]: [ErrPurged], and a record that cannot be decoded.
func (l *CachedRecordsLoader) IterCachedRecords(ctx context.Context, studyKey string) iter.Seq2[imednet.Record, error] {
	return l.records(ctx, studyKey, selection{states: activeStates, partial: true})
}

// selection says which records a reading wants, and in which order. In its conditions § stands for
// the table: records or their history.
type selection struct {
	states     string
	where      string
	args       []any
	filter     imednet.Filter // applied to what where lets through
	bySubject  bool
	oneSubject bool                  // where names one subject, whose records are best found by its index
	at         imednet.MirrorVersion // the version to read; 0 is the newest
	partial    bool                  // serve a study that was never fully synced
}

// The states that readings want.
const (
	activeStates = "§.state = 0 AND §.doubtful = 0"
	listedStates = "§.state < 2"
)

// The size of a group of rows that is read at once: whichever comes first ends it.
const (
	groupRows  = 1000
	groupBytes = 2 << 20
)

// records yields what sel selects as of now.
func (l *CachedRecordsLoader) records(ctx context.Context, studyKey string, sel selection) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		err := l.eachRecord(ctx, studyKey, sel, func(rec *imednet.Record) bool { return yield(*rec, nil) })
		if err != nil {
			yield(imednet.Record{}, wrap("read", studyKey, err))
		}
	}
}

func (l *CachedRecordsLoader) eachRecord(ctx context.Context, studyKey string, sel selection, yield func(*imednet.Record) bool) error {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return err
	}
	if st.phase != phaseWhole && !sel.partial {
		return ErrNotSynced
	}
	if err := l.pinned(ctx, &st, sel.at); err != nil {
		return err
	}
	var rec imednet.Record
	decode := inplace.NewReader(&rec)
	r := newReading(l, st, sel)
	for {
		group, done, err := r.nextGroup(ctx)
		if err != nil {
			return err
		}
		for i, p := range group {
			group[i] = stored{} // the record has the payload
			if err := decode(p.payload); err != nil {
				return recordError(studyKey, p.id, err, "ReconcileCache reads it again")
			}
			if sel.filter.MatchRecord(&rec) && !yield(&rec) {
				return nil
			}
		}
		if done {
			return nil
		}
	}
}

// pinned sets the state back to the version that is to be read.
func (l *CachedRecordsLoader) pinned(ctx context.Context, st *study, at imednet.MirrorVersion) (err error) {
	if at == 0 {
		return nil
	}
	if st.version, err = st.at(at); err != nil {
		return err
	}
	state, err := l.loadResource(ctx, st.id, imednet.Records)
	if err == nil && state.since.Int64 > int64(at) {
		err = fmt.Errorf("version %d: %w: the first sync was whole at %d", at, ErrNotSynced, state.since.Int64)
	}
	return err
}

// reading is a walk through the records of one study as of one version.
type reading struct {
	db  *CachedRecordsLoader
	st  study // as of the beginning
	sel selection
	raw bool // the file's rows as they are: no run was whole yet

	memory []stored // of the groups
	most   int      // records of the next group: each may be twice as large as the one before

	last        int64 // id of the last record read
	subject     any   // of the last record read
	unsubjected bool  // among the records without a subject, which come first
}

func newReading(l *CachedRecordsLoader, st study, sel selection) *reading {
	return &reading{db: l, st: st, sel: sel, raw: st.phase != phaseWhole, unsubjected: sel.bySubject, most: groupRows}
}

type stored struct {
	id      int64
	subject any
	payload []byte
}

// nextGroup reads the next rows in a transaction of their own, in the memory of those before, and reports whether they are the last.
func (r *reading) nextGroup(ctx context.Context) (group []stored, done bool, err error) {
	group, done, err = r.db.db.group(ctx, r.memory[:0], r.most, r.query)
	r.memory = group
	if err != nil {
		return nil, false, err
	}
	r.most = min(2*r.most, r.db.db.mostOfGroup())
	if len(group) > 0 {
		r.last, r.subject = group[len(group)-1].id, group[len(group)-1].subject
	}
	if done && r.unsubjected {
		r.unsubjected, r.last, r.subject, done = false, 0, int64(-maxID), false
	}
	return group, done, nil
}

// gathering is a group of rows that grows until it is full.
type gathering struct {
	group []stored
	most  int // rows
	size  int
}

func (g *gathering) add(s stored) (more bool) {
	g.group = append(g.group, s)
	g.size += len(s.payload)
	return g.size < groupBytes && len(g.group) < g.most
}

// query renders the query of the next group.
func (r *reading) query(ctx context.Context, tx *sql.Tx) (string, []any, error) {
	if r.raw {
		return r.allActive() + ` ORDER BY 1 LIMIT ?`, []any{r.st.key, r.last, r.most}, nil
	}
	var version imednet.MirrorVersion
	var purged int64
	err := tx.QueryRowContext(ctx, `SELECT version, purged FROM imednet_study WHERE id = ?`, r.st.id).Scan(&version, &purged)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, ErrPurged
	}
	if err != nil {
		return "", nil, err
	}
	if purged > int64(r.st.version) {
		return "", nil, ErrPurged
	}
	if version == r.st.version && r.sel.where == "" && !r.sel.bySubject {
		query, args, err := r.wholeTables(ctx, tx)
		if query != "" || err != nil {
			return query, args, err
		}
	}
	condition, position := r.position()
	selected := slices.Concat(position, keyArgs(r.db.db, r.sel.args))
	args := append([]any{r.st.key, r.st.id}, selected...)
	from := currentFrom
	if r.sel.oneSubject {
		from = strings.Replace(from, "imednet_record r", "imednet_record r INDEXED BY imednet_record_subject", 1)
	}
	query := `SELECT r.record_id, r.subject_id, ` + r.db.db.bytes(heldPayload) + from + ` AND ` + r.conditions(condition, "r")
	if version != r.st.version {
		query += ` AND r.version <= ? UNION ALL SELECT h.record_id, h.subject_id, ` + r.db.db.bytes(`h.payload`) + ` FROM imednet_history h
			WHERE h.study = ? AND h.version <= ? AND h.replaced > ? AND ` + r.conditions(condition, "h")
		args = append(args, r.st.version, r.st.id, r.st.version, r.st.version)
		args = append(args, selected...)
	}
	order := ` ORDER BY 1`
	if r.sel.bySubject && !r.unsubjected {
		order = ` ORDER BY 2, 1`
	}
	return query + order + ` LIMIT ?`, append(args, r.most), nil
}

// allActive selects the records of the table that holds those that are not deleted.
func (r *reading) allActive() string {
	return `SELECT record_id, NULL, ` + r.db.db.bytes(`payload`) + ` FROM record_cache WHERE study_key = ? AND record_id > ?`
}

// allDeleted selects the records of the other table that holds current payloads.
func (r *reading) allDeleted() string {
	return `SELECT record_id, NULL, ` + r.db.db.bytes(`payload`) + ` FROM imednet_tombstone WHERE study = ? AND record_id > ? AND listed = 1`
}

// wholeTables renders the query of the next group where it needs no table but those with the payloads: everything
// of some states is wanted, as it is now, and no other program wrote to record_cache. Otherwise it is "".
func (r *reading) wholeTables(ctx context.Context, tx *sql.Tx) (string, []any, error) {
	var noted, doubtful bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM imednet_foreign WHERE study_key = ?),
		EXISTS (SELECT 1 FROM imednet_record WHERE study = ? AND doubtful = 1)`, r.st.key, r.st.id).Scan(&noted, &doubtful)
	switch {
	case err != nil || noted:
		return "", nil, err
	case r.sel.states == activeStates && !doubtful:
		return r.allActive() + ` ORDER BY 1 LIMIT ?`, []any{r.st.key, r.last, r.most}, nil
	case r.sel.states == listedStates:
		return r.allActive() + ` UNION ALL ` + r.allDeleted() + ` ORDER BY 1 LIMIT ?`, []any{r.st.key, r.last, r.st.id, r.last, r.most}, nil
	}
	return "", nil, nil
}

// currentFrom joins the records of a study with their payloads.
const currentFrom = `
	FROM imednet_record r
	LEFT JOIN record_cache c ON r.state = 0 AND c.study_key = ?1 AND c.record_id = r.record_id
	LEFT JOIN imednet_tombstone t ON r.state > 0 AND t.study = r.study AND t.record_id = r.record_id
	LEFT JOIN imednet_foreign f ON f.study_key = ?1 AND f.record_id = r.record_id
	WHERE r.study = ?2`

// position is the condition that the records after the last one read satisfy.
func (r *reading) position() (condition string, args []any) {
	switch {
	case r.unsubjected:
		return `§.subject_id IS NULL AND §.record_id > ?`, []any{r.last}
	case r.sel.bySubject:
		return `§.subject_id IS NOT NULL AND (§.subject_id, §.record_id) > (?, ?)`, []any{r.subject, r.last}
	}
	return `§.record_id > ?`, []any{r.last}
}

// conditions joins what a branch of the query demands of a table.
func (r *reading) conditions(position, table string) string {
	all := position + ` AND ` + r.sel.states
	if r.sel.where != "" {
		all += ` AND ` + r.sel.where
	}
	return onTable(table, all)
}

// onTable names the table that § stands for.
func onTable(table, sql string) string { return strings.ReplaceAll(sql, "§", table) }

// keyArgs are arguments as columns with search keys have them.
func keyArgs(db dialect, args []any) []any {
	all := slices.Clone(args)
	for i, arg := range all {
		all[i] = keyArg(db, arg)
	}
	return all
}

func keyArg(db dialect, arg any) any {
	if text, ok := arg.(string); ok {
		if stored := db.key(text); stored != text {
			return stored
		}
	}
	return arg
}
