package cache

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// ErrClockBack means that the clock is further behind the newest purge than is tolerated. Nothing was removed.
var ErrClockBack = audit.ErrClockBack

// check demands what a tombstone can hold.
func (o *PurgeOptions) check() error {
	c := &audit.Checker{}
	if o.By.ID != "" {
		o.By.ID = c.User("By", o.By.ID)
	}
	o.By.DisplayName, o.By.Authenticated = c.OptionalName("By", o.By.DisplayName), c.OptionalName("By", o.By.Authenticated)
	o.Reason = c.Comment("Reason", o.Reason)
	if o.Study && !o.Before.IsZero() {
		c.Add("Before", "limits no purge of the whole study: give one of the two")
	}
	switch {
	case o.Key != nil && len(o.Key) != ed25519.PrivateKeySize:
		c.Add("Key", "is no Ed25519 private key")
	case o.Key != nil && o.By.ID == "":
		c.Add("By", "is needed: a signature is somebody's")
	}
	return c.Err("purge")
}

// purgeRun is one purge, in its transaction.
type purgeRun struct {
	tx       *sql.Tx
	st       *study
	opts     PurgeOptions
	report   *PurgeReport
	limit    int64 // the last version whose ended states are removed; 0 if none are
	affected int64 // rows that were removed
}

// buried purges, and leaves a tombstone if anything was removed. Tombstones that are not intact are not
// followed by another one.
func (l *CachedRecordsLoader) buried(ctx context.Context, p *purgeRun) error {
	if !p.opts.Study && (p.opts.Before.IsZero() || p.st.id == 0) {
		return nil
	}
	err := l.db.purgeAlone(ctx, p.tx)
	if err != nil {
		return err
	}
	before, err := provePurges(ctx, l.db, p.tx, PurgeVerifyOptions{})
	if err == nil {
		err = before.err()
	}
	if err != nil {
		return err
	}
	if err := p.findLimit(ctx); err != nil {
		return err
	}
	s, err := l.draft(ctx, p, &before)
	if err != nil {
		return err
	}
	if err := p.remove(ctx); err != nil || p.affected == 0 {
		return err
	}
	s.Version = imednet.MirrorVersion(p.st.purged)
	return s.insert(ctx, p.tx, p.opts.Key)
}

// draft states what is about to be removed.
func (l *CachedRecordsLoader) draft(ctx context.Context, p *purgeRun, before *PurgeVerification) (*PurgeStatement, error) {
	now := l.cfg.clock.Now().UTC().Truncate(time.Microsecond)
	var newest time.Time
	if n := len(before.Tombstones); n > 0 {
		newest = before.Tombstones[n-1].PurgedAt
	}
	stamp, err := audit.StampAfter(now, newest, l.cfg.tolerance)
	if err != nil {
		return nil, err
	}
	s := &PurgeStatement{
		Format: TombstoneFormat, Sequence: before.Head.Sequence + 1, Previous: before.follows(), StudyKey: p.st.key,
		Whole: p.opts.Study, Removed: []PurgedRows{}, PurgedAt: stamp.Time, Clock: stamp.Clock,
		By:     PurgedBy{p.opts.By.ID, p.opts.By.DisplayName, p.opts.By.Authenticated},
		Reason: p.opts.Reason, Rule: l.cfg.rules.For(p.st.key).Name,
	}
	if !s.Whole {
		s.Before = p.opts.Before.UTC().Truncate(time.Microsecond)
	}
	if p.opts.Key != nil {
		s.PublicKey = p.opts.Key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]
	}
	return s, s.describe(ctx, l.db, p)
}

// insert seals the statement as the newest tombstone.
func (s *PurgeStatement) insert(ctx context.Context, tx *sql.Tx, key ed25519.PrivateKey) error {
	text, hash, err := s.text()
	if err != nil {
		return err
	}
	signature, err := s.sign(hash, key)
	if err != nil {
		return err
	}
	var signed any
	if signature != nil {
		line, err := json.Marshal(signature)
		if err != nil {
			return err
		}
		signed = string(line)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO imednet_purge (sequence, statement, hash, signature) VALUES (?, ?, ?, ?)`, s.Sequence, text, hash, signed)
	return err
}

// The rows that a purge removes: resource, state, key and version, in the order in which they are hashed. ?1 is
// the study's number, ?2 its key, ?3 the limit, ?4 the instant in microseconds.
const (
	currentRecords = `SELECT 'records', 'current', c.record_id, coalesce(r.version, 0)
		FROM record_cache c LEFT JOIN imednet_record r ON r.study = ?1 AND r.record_id = c.record_id WHERE c.study_key = ?2 ORDER BY c.record_id`
	lastRecords = `SELECT 'records', 'last', t.record_id, coalesce(r.version, 0)
		FROM imednet_tombstone t LEFT JOIN imednet_record r ON r.study = t.study AND r.record_id = t.record_id WHERE t.study = ?1 ORDER BY t.record_id`
	goneRecords = `SELECT 'records', 'last', t.record_id, r.version
		FROM imednet_tombstone t JOIN imednet_record r ON r.study = t.study AND r.record_id = t.record_id
		WHERE t.study = ?1 AND t.listed = 0 AND r.state = 2 AND r.version <= ?3 ORDER BY t.record_id`
	formerRecords = `SELECT 'records', 'former', record_id, version FROM imednet_history WHERE study = ?1 AND replaced <= ?3 ORDER BY record_id, version`
	rowsOfStudy   = `SELECT r.name, CASE w.state WHEN 0 THEN 'current' ELSE 'last' END, w.row_id, w.version
		FROM imednet_row w JOIN imednet_resource r ON r.id = w.resource WHERE r.study = ?1 ORDER BY r.name, w.state, w.row_id`
	goneRows = `SELECT r.name, 'last', w.row_id, w.version
		FROM imednet_row w JOIN imednet_resource r ON r.id = w.resource WHERE r.study = ?1 AND w.state = 2 AND w.version <= ?3 ORDER BY r.name, w.row_id`
	formerRows = `SELECT r.name, 'former', h.row_id, h.version
		FROM imednet_row_history h JOIN imednet_resource r ON r.id = h.resource WHERE r.study = ?1 AND h.replaced <= ?3 ORDER BY r.name, h.row_id, h.version`
	allRuns    = `SELECT 'runs', '', id, version FROM imednet_run WHERE study = ?1 ORDER BY id`
	formerRuns = `SELECT 'runs', '', id, version FROM imednet_run WHERE study = ?1 AND ended_at < ?4 ORDER BY id`
	brokenCuts = `SELECT 'cuts', '', name, version FROM imednet_cut WHERE study = ?1 AND version < ?3 ORDER BY name`
)

// queriesOfRows are those whose keys are ids of rows.
var queriesOfRows = []string{rowsOfStudy, goneRows, formerRows}

// doomed are the queries of what is about to be removed.
func (p *purgeRun) doomed() []string {
	queries := []string{goneRecords, formerRecords, goneRows, formerRows, formerRuns}
	if p.opts.Study {
		queries = []string{currentRecords, lastRecords, formerRecords, rowsOfStudy, formerRows, allRuns}
	}
	if p.opts.BreakCuts && p.limit > 0 {
		queries = append(queries, brokenCuts)
	}
	return queries
}

// describe counts and hashes what is about to be removed.
func (s *PurgeStatement) describe(ctx context.Context, db dialect, p *purgeRun) error {
	keys := sha256.New()
	for _, query := range p.doomed() {
		if err := s.count(ctx, db, p, query, keys); err != nil {
			return err
		}
	}
	s.Keys = hex.EncodeToString(keys.Sum(nil))
	var err error
	if s.FirstSeen, err = p.seenAt(ctx, s.FirstVersion); err == nil {
		s.LastSeen, err = p.seenAt(ctx, s.LastVersion)
	}
	return err
}

// seenAt is the server's time of a version; zero if it is not known.
func (p *purgeRun) seenAt(ctx context.Context, version imednet.MirrorVersion) (time.Time, error) {
	var seen sql.NullInt64
	err := p.tx.QueryRowContext(ctx, `SELECT max(seen_at) FROM imednet_version WHERE study = ? AND version = ?`, p.st.id, int64(version)).Scan(&seen)
	return fromMicros(seen), err
}

// count reads one query of doomed.
func (s *PurgeStatement) count(ctx context.Context, db dialect, p *purgeRun, query string, keys hash.Hash) error {
	rows, err := p.tx.QueryContext(ctx, query, p.st.id, p.st.key, p.limit, p.opts.Before.UnixMicro())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var resource, state string
		var key any
		var version int64
		if err := rows.Scan(&resource, &state, &key, &version); err != nil {
			return err
		}
		if slices.Contains(queriesOfRows, query) {
			key = db.readRowID(key)
		}
		if err := s.add(resource, state, key, version, keys); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *PurgeStatement) add(resource, state string, key any, version int64, keys hash.Hash) error {
	if text, ok := key.([]byte); ok {
		key = string(text)
	}
	line, err := json.Marshal([]any{resource, state, fmt.Sprint(key), version})
	if err != nil {
		return err
	}
	keys.Write(append(line, '\n'))
	if n := len(s.Removed); n == 0 || s.Removed[n-1].Resource != resource || s.Removed[n-1].State != state {
		s.Removed = append(s.Removed, PurgedRows{Resource: resource, State: state})
	}
	s.Removed[len(s.Removed)-1].Rows++
	if state != "" && version > 0 {
		stored := imednet.MirrorVersion(version)
		if s.FirstVersion == 0 || stored < s.FirstVersion {
			s.FirstVersion = stored
		}
		s.LastVersion = max(s.LastVersion, stored)
	}
	return nil
}
