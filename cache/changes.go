package cache

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// Change is the change of one member of a row between two states that the mirror saw. A state that
// existed on the server only between two syncs appears in no change; New is then the result of
// several saves, and Revisions names all of them.
type Change struct {
	Version  imednet.MirrorVersion // version that stored the new state
	SeenAt   time.Time             // server time of the run that stored it
	Resource imednet.Resource
	RowID    string // id of the row
	RecordID int64  // record that the row is or belongs to; 0 if none
	// Variable is the name of an answer in recordData, and Member the name of another member of the
	// row, such as "deleted". Exactly one of them is set, unless the whole row is new or gone.
	Variable, Member string
	Kind             ChangeKind
	Old, New         imednet.Value // absent if there was no value
	// Revisions are the saves of the record between the two states, from oldest to newest: who,
	// when and why. A single revision made the change; of several, one of them did. It is empty if
	// the mirror has no revisions, if the change wrote none, and for rows that belong to no record.
	Revisions []imednet.RecordRevision
}

// ChangeKind is the kind of a [Change].
type ChangeKind string

// The kinds of changes. A row that is new or gone is a single change, without Variable and Member.
const (
	ChangeAdded   ChangeKind = "added"
	ChangeUpdated ChangeKind = "updated"
	ChangeGone    ChangeKind = "gone" // the server no longer lists the row
)

// Changes yields the changes in a study after a version, in every mirrored resource except the
// audit trail itself: first those of records, then those of the other resources, each in ascending
// order of version and id. To follow a study, store the version of the last sync. A follower that
// lags behind a purge receives [ErrPurged].
//
// Values are subject data.
func (l *CachedRecordsLoader) Changes(ctx context.Context, studyKey string, since imednet.MirrorVersion) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		err := l.eachChange(ctx, studyKey, since, anyRow, func(c Change, _ changingRow) bool { return yield(c, nil) })
		if err != nil {
			yield(Change{}, wrap("changes", studyKey, err))
		}
	}
}

// changingRow is the row that changes are about.
type changingRow struct {
	resource imednet.Resource
	record   int64  // the record that it is or belongs to; 0 for none
	payload  []byte // in the newer state
}

// rowChoice reports whether the changes of a row are wanted.
type rowChoice func(context.Context, changingRow) (bool, error)

func anyRow(context.Context, changingRow) (bool, error) { return true, nil }

func (l *CachedRecordsLoader) eachChange(ctx context.Context, studyKey string, since imednet.MirrorVersion, wanted rowChoice, yield func(Change, changingRow) bool) error {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return err
	}
	if since > 0 && int64(since) < st.purged {
		return ErrPurged
	}
	d := &differ{db: l, st: st, study: studyKey, wanted: wanted, yield: yield}
	if d.revisions, err = l.loadResource(ctx, st.id, imednet.RecordRevisions); err != nil {
		return err
	}
	if err := d.records(ctx, since); err != nil || d.stopped {
		return err
	}
	for _, kind := range resourceKinds {
		if kind.name == imednet.RecordRevisions {
			continue
		}
		if err := d.rows(ctx, kind.name, since); err != nil || d.stopped {
			return err
		}
	}
	return nil
}

// differ turns successive states into changes.
type differ struct {
	db        *CachedRecordsLoader
	st        study
	study     string
	revisions resourceState
	wanted    rowChoice
	yield     func(Change, changingRow) bool
	row       changingRow // whose changes are emitted
	stopped   bool
}

func (d *differ) emit(c Change) {
	if !d.stopped && !d.yield(c, d.row) {
		d.stopped = true
	}
}

// records compares each state of a record with the one before.
func (d *differ) records(ctx context.Context, since imednet.MirrorVersion) error {
	for v, err := range d.db.ChangesSince(ctx, d.study, since) {
		if err != nil {
			return err
		}
		id := v.Record.RecordID
		d.row = changingRow{imednet.Records, id, v.Record.Raw}
		if wanted, err := d.wanted(ctx, d.row); err != nil {
			return err
		} else if !wanted {
			continue
		}
		old, err := d.recordBefore(ctx, id, v.Version)
		if err != nil {
			return err
		}
		base := Change{Version: v.Version, SeenAt: v.SeenAt, Resource: imednet.Records, RowID: text(id), RecordID: id}
		if base.Revisions, err = d.revisionsBetween(ctx, id, old, &v); err != nil {
			return err
		}
		switch {
		case v.State == imednet.RecordVanished:
			base.Kind = ChangeGone
			d.emit(base)
		case old == nil:
			base.Kind = ChangeAdded
			d.emit(base)
		default:
			base.Kind = ChangeUpdated
			if err := d.members(base, old.payload, v.Record.Raw); err != nil {
				return err
			}
		}
		if d.stopped {
			return nil
		}
	}
	return nil
}

// stateBefore is the state that another replaced.
type stateBefore struct {
	payload []byte
	version int64
}

func (d *differ) recordBefore(ctx context.Context, id int64, version imednet.MirrorVersion) (*stateBefore, error) {
	return d.before(ctx, `SELECT payload, version FROM imednet_history WHERE study = ? AND record_id = ? AND version < ?
		ORDER BY version DESC LIMIT 1`, d.st.id, id, int64(version))
}

func (d *differ) before(ctx context.Context, query string, args ...any) (*stateBefore, error) {
	var s stateBefore
	err := d.db.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, query, args...).Scan(&s.payload, &s.version)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &s, err
}

// revisionsOfRecord are the saves of one record, from oldest to newest. Left to choose, SQLite reads the saves of the
// whole study in order of row_id instead.
const revisionsOfRecord = `SELECT payload FROM imednet_row INDEXED BY imednet_row_record
	WHERE resource = ? AND record_id = ? ORDER BY row_id`

// revisionsBetween returns the saves of a record after the dateModified of the older state, up to the
// server time at which the newer one was seen, or its dateModified when that is later.
func (d *differ) revisionsBetween(ctx context.Context, record int64, old *stateBefore, v *imednet.RecordVersion) ([]imednet.RecordRevision, error) {
	if d.revisions.id == 0 {
		return nil, nil
	}
	var from time.Time
	if old != nil {
		was, err := imednet.Decode[imednet.Record](old.payload)
		if err != nil {
			return nil, err
		}
		from = was.DateModified.Or(imednet.Time{}).Time
	}
	until := v.SeenAt
	if at := v.Record.DateModified.Or(imednet.Time{}).Time; at.After(until) {
		until = at
	}
	var payloads [][]byte
	err := d.db.db.look(ctx, func(q querier) (err error) {
		payloads, err = queryColumn[[]byte](ctx, q, revisionsOfRecord, d.revisions.id, record)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []imednet.RecordRevision
	for _, payload := range payloads {
		rev, err := imednet.Decode[imednet.RecordRevision](payload)
		if err != nil {
			return nil, err
		}
		at := rev.DateCreated.Or(imednet.Time{}).Time
		if at.After(from) && !at.After(until) {
			all = append(all, rev)
		}
	}
	return all, nil
}

// rows compares each state of a row of another resource with the one before.
func (d *differ) rows(ctx context.Context, name imednet.Resource, since imednet.MirrorVersion) error {
	state, err := d.db.loadResource(ctx, d.st.id, name)
	if err != nil || state.id == 0 {
		return err
	}
	changed, err := d.changedRows(ctx, state.id, since)
	if err != nil {
		return err
	}
	for _, row := range changed {
		d.row = changingRow{name, row.record.Int64, row.payload}
		if wanted, err := d.wanted(ctx, d.row); err != nil {
			return err
		} else if !wanted {
			continue
		}
		old, err := d.before(ctx, `SELECT payload, version FROM imednet_row_history WHERE resource = ? AND row_id = ? AND version < ?
			ORDER BY version DESC LIMIT 1`, state.id, d.db.db.rowID(row.id), row.version)
		if err != nil {
			return err
		}
		base := Change{Version: imednet.MirrorVersion(row.version), SeenAt: fromMicros(row.seenAt), Resource: name, RowID: text(row.id), RecordID: row.record.Int64}
		switch {
		case row.state == stateVanished:
			base.Kind = ChangeGone
			d.emit(base)
		case old == nil:
			base.Kind = ChangeAdded
			d.emit(base)
		default:
			base.Kind = ChangeUpdated
			err = d.members(base, old.payload, row.payload)
		}
		if err != nil || d.stopped {
			return err
		}
	}
	return nil
}

type changedRow struct {
	id      any
	version int64
	state   int
	record  sql.NullInt64
	seenAt  sql.NullInt64
	payload []byte
}

// changedRows are the states of rows stored after a version, up to that at which the reading began.
func (d *differ) changedRows(ctx context.Context, resource int64, since imednet.MirrorVersion) (all []changedRow, err error) {
	err = d.db.db.look(ctx, func(q querier) (err error) {
		all, err = d.queryChangedRows(ctx, q, resource, since)
		return err
	})
	return all, err
}

func (d *differ) queryChangedRows(ctx context.Context, q querier, resource int64, since imednet.MirrorVersion) (all []changedRow, err error) {
	const columns = `SELECT row_id, version, state, record_id, (SELECT seen_at FROM imednet_version v WHERE v.study = ?4 AND v.version = x.version), payload`
	rows, err := q.QueryContext(ctx, columns+` FROM imednet_row x WHERE resource = ?1 AND version > ?2 AND version <= ?3
		UNION ALL `+columns+` FROM imednet_row_history x WHERE resource = ?1 AND version > ?2 AND version <= ?3 ORDER BY 2, 1`,
		resource, int64(since), int64(d.st.version), d.st.id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r changedRow
		if err := rows.Scan(&r.id, &r.version, &r.state, &r.record, &r.seenAt, &r.payload); err != nil {
			return nil, err
		}
		r.id = d.db.db.readRowID(r.id)
		all = append(all, r)
	}
	return all, rows.Err()
}

// members emits a change for each member that differs, those of recordData under their variable's name.
func (d *differ) members(base Change, before, after []byte) error {
	old, err := membersOf(before)
	if err != nil {
		return err
	}
	now, err := membersOf(after)
	if err != nil {
		return err
	}
	names := maps.Clone(old)
	maps.Copy(names, now)
	for _, name := range slices.SortedFunc(maps.Keys(names), memberName.compare) {
		if bytes.Equal(old[name], now[name]) {
			continue
		}
		c := base
		c.Variable, c.Member = name.variable, name.member
		c.Old, c.New = imednet.NewValue(old[name]), imednet.NewValue(now[name])
		d.emit(c)
	}
	return nil
}

// memberName is a member of a row, or a variable inside its recordData.
// nth counts names that occur more than once.
type memberName struct {
	member, variable string
	nth              int
}

func (n memberName) compare(o memberName) int {
	return cmp.Or(cmp.Compare(n.member, o.member), cmp.Compare(n.variable, o.variable), cmp.Compare(n.nth, o.nth))
}

func membersOf(payload []byte) (map[memberName]jsontext.Value, error) {
	row, err := imednet.NewRecordData(payload)
	if err != nil {
		return nil, err
	}
	all := map[memberName]jsontext.Value{}
	add := func(name memberName, v imednet.Value) {
		for all[name] != nil {
			name.nth++
		}
		all[name] = v.Raw()
	}
	for name, v := range row.All() {
		if name != "recordData" || v.Raw().Kind() != '{' {
			add(memberName{member: name}, v)
			continue
		}
		data, err := imednet.NewRecordData(v.Raw())
		if err != nil {
			return nil, err
		}
		for variable, v := range data.All() {
			add(memberName{variable: variable}, v)
		}
	}
	return all, nil
}

// text is a row id as text.
func text(id any) string {
	if v, ok := id.(int64); ok {
		return strconv.FormatInt(v, 10)
	}
	s, _ := id.(string)
	return s
}
