package cache

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/verdict"
)

// ErrIntegrity means that tombstones of purges were altered, removed or exchanged, or are not signed as demanded.
// [PurgeVerification.Problems] lists the faults.
var ErrIntegrity = errors.New("the tombstones of purges are not intact")

// PurgeVerifyOptions configures [CachedRecordsLoader.VerifyPurges].
type PurgeVerifyOptions struct {
	// Head is the end of the tombstones as kept earlier. The file must still have that tombstone.
	Head *PurgeHead
	// Kept are heads that were kept elsewhere, as package heads reads them. A fault names the head.
	Kept []imednet.KeptHead
	// Keys are the public keys of permitted signers. If there are any, every signature must be by one of them.
	Keys []ed25519.PublicKey
	// Signers are, by [imednet.SigningKeyID] of a key, the ids of those in whose name it may sign. A key that is not
	// there may sign in any name.
	Signers map[string][]string
	// Signed demands a signature of every tombstone. Former purges have none, and are no fault.
	Signed bool
}

// PurgeVerification is the result of [CachedRecordsLoader.VerifyPurges].
type PurgeVerification struct {
	Tombstones []PurgeTombstone // those that can be read, the oldest first
	// Former are purges from before there were tombstones, by study. Nobody signed them, and nothing tells when, by
	// whom or why they were made.
	Former   []FormerPurge
	Unsigned int64 // tombstones without a signature
	Head     PurgeHead
	Faults   int64 // all faults
	// Problems lists the first hundred faults. Path is "imednet_purge/SEQUENCE", another table with a study's key,
	// or "heads/NAME".
	Problems []imednet.Problem
}

// String returns the result as the command prints it.
func (v PurgeVerification) String() string {
	counted := fmt.Sprintf("%d purges, %d of them unsigned, %d studies with purges from before there were tombstones", len(v.Tombstones), v.Unsigned, len(v.Former))
	return verdict.Of(counted, v.Faults)
}

// follows is what the next tombstone names as the one before.
func (v *PurgeVerification) follows() string {
	if v.Head.Sequence == 0 {
		return digestFormer(v.Former)
	}
	return v.Head.Hash
}

func (v *PurgeVerification) err() error {
	if v.Faults == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrIntegrity, verdict.First(v.Faults, v.Problems[0]))
}

// PurgeHead returns the end of the tombstones.
func (l *CachedRecordsLoader) PurgeHead(ctx context.Context) (h PurgeHead, err error) {
	if err = l.db.stillThere(); err == nil {
		err = l.db.look(ctx, func(q querier) error {
			return q.QueryRowContext(ctx, `SELECT sequence, hash FROM imednet_purge ORDER BY sequence DESC LIMIT 1`).Scan(&h.Sequence, &h.Hash)
		})
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return h, wrap("read the head of the purges", "", err)
}

// VerifyPurges proves the tombstones of the file's purges, and lists them. It writes nothing. It checks that the
// tables are intact according to SQLite and that their triggers are present; that the tombstones form a chain
// without gaps, each with the hash of all that it states, signed by the key that it names; that what the file says
// elsewhere of its purges is what the newest tombstones of each study say; and that every kept head is one of them.
// If there are faults the error is [ErrIntegrity], and the result lists them. Purges from before there were
// tombstones are listed and are no fault.
func (l *CachedRecordsLoader) VerifyPurges(ctx context.Context, o PurgeVerifyOptions) (v PurgeVerification, err error) {
	const op = "verify the purges"
	if err := l.db.stillThere(); err != nil {
		return v, wrap(op, "", err)
	}
	err = l.db.Read(ctx, func(tx *sql.Tx) error {
		v, err = provePurges(ctx, l.db, tx, o)
		return err
	})
	if err != nil {
		return PurgeVerification{}, wrap(op, "", err)
	}
	return v, wrap(op, "", v.err())
}

func provePurges(ctx context.Context, db dialect, tx *sql.Tx, o PurgeVerifyOptions) (v PurgeVerification, err error) {
	found := &audit.Findings{}
	if err := db.checkPurgeTables(ctx, tx, found); err != nil {
		return v, err
	}
	if v.Former, err = formerPurges(ctx, tx); err != nil {
		return v, err
	}
	p := &purgeProof{v: &v, o: o, found: found, kept: audit.NewKept(found), ends: purgeEnds{}, whole: purgeEnds{}}
	if err := p.chain(ctx, tx); err != nil {
		return v, err
	}
	if err := p.compare(ctx, tx); err != nil {
		return v, err
	}
	v.Faults, v.Problems = found.Count, found.Problems
	return v, nil
}

// formerPurges reads what was purged before there were tombstones.
func formerPurges(ctx context.Context, tx *sql.Tx) (all []FormerPurge, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT study_key, whole, version FROM imednet_purge_before ORDER BY study_key`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var f FormerPurge
		if err := rows.Scan(&f.StudyKey, &f.Whole, &f.Version); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, rows.Err()
}

// purgeEnds are the versions up to which states are missing, by study.
type purgeEnds map[string]imednet.MirrorVersion

// purgeProof is a verification under way.
type purgeProof struct {
	v     *PurgeVerification
	o     PurgeVerifyOptions
	found *audit.Findings
	kept  *audit.Kept
	ends  purgeEnds // after the newest purge of each study
	whole purgeEnds // after the newest purge of each whole study
}

// chain reads the tombstones in order.
func (p *purgeProof) chain(ctx context.Context, tx *sql.Tx) error {
	for _, f := range p.v.Former {
		p.note(f.StudyKey, max(f.Version, f.Whole), f.Whole)
	}
	if p.o.Head != nil {
		p.kept.Expect("", p.o.Head.Sequence, p.o.Head.Hash)
	}
	p.kept.ExpectAll(p.o.Kept, func(line string) (string, int64, string, error) {
		h, err := ParsePurgeHead(line)
		return "", h.Sequence, h.Hash, err
	})
	rows, err := tx.QueryContext(ctx, `SELECT sequence, statement, hash, signature FROM imednet_purge ORDER BY sequence`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := audit.ScanRow(rows, 4)
		if err != nil {
			return err
		}
		p.entry(row)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	p.kept.Missing("list of purges", func(_ string, sequence int64) string { return fmt.Sprintf("imednet_purge/%d", sequence) })
	return nil
}

func (p *purgeProof) note(study string, end, whole imednet.MirrorVersion) {
	p.ends[study] = end
	if whole > 0 {
		p.whole[study] = whole
	}
}

// entry proves one row.
func (p *purgeProof) entry(row audit.Row) {
	sequence, _ := row[0].(int64)
	hash, _ := row[2].(string)
	at := fmt.Sprintf("imednet_purge/%d", sequence)
	t := PurgeTombstone{Hash: hash}
	if !sameJSON(row[1], &t.PurgeStatement) || t.Format != TombstoneFormat {
		p.found.Add(at, "was changed: its statement cannot be read")
	} else {
		p.statement(at, sequence, &t, row[3])
		p.v.Tombstones = append(p.v.Tombstones, t)
	}
	p.kept.Entry(at, "", sequence, hash)
	p.v.Head = PurgeHead{sequence, hash}
}

func (p *purgeProof) statement(at string, sequence int64, t *PurgeTombstone, stored any) {
	_, hash, err := t.text()
	switch n := len(p.v.Tombstones); {
	case sequence != p.v.Head.Sequence+1:
		p.found.Add(at, "the purges before it are missing, from %d on", p.v.Head.Sequence+1)
	case t.Sequence != sequence:
		p.found.Add(at, "is the tombstone of purge %d", t.Sequence)
	case err != nil || hash != t.Hash:
		p.found.Add(at, "was changed: its hash does not match what it states")
	case t.Previous != p.v.follows():
		p.found.Add(at, "does not follow the purge before it")
	case n > 0 && t.PurgedAt.Before(p.v.Tombstones[n-1].PurgedAt):
		p.found.Add(at, "is dated before the purge before it")
	}
	if t.Signature, err = t.signatureOf(hash, stored); err != nil {
		p.found.Add(at, "%v", err)
	}
	p.signature(at, t)
	whole := imednet.MirrorVersion(0)
	if t.Whole {
		whole = t.Version
	}
	p.note(t.StudyKey, t.Version, whole)
}

func (p *purgeProof) signature(at string, t *PurgeTombstone) {
	if t.Signature != nil {
		audit.CheckSignature(p.found, at, t.Signature, audit.Signers{Keys: p.o.Keys, Names: p.o.Signers})
		return
	}
	p.v.Unsigned++
	if p.o.Signed {
		p.found.Add(at, "is not signed")
	}
}

// compare holds the tombstones against what the file says of its purges elsewhere.
func (p *purgeProof) compare(ctx context.Context, tx *sql.Tx) error {
	known, err := readEnds(ctx, tx, `SELECT study_key, purged FROM imednet_study`)
	if err != nil {
		return err
	}
	for _, study := range sortedStudies(known, p.ends) {
		if _, there := known[study]; !there && p.ends[study] == p.whole[study] {
			continue // purged as a whole, and not synced since
		}
		if known[study] != p.ends[study] {
			p.found.Add("imednet_study/"+study, "states up to version %d are purged, of which the tombstones say %d", known[study], p.ends[study])
		}
	}
	whole, err := readEnds(ctx, tx, `SELECT study_key, version FROM imednet_purged`)
	if err != nil {
		return err
	}
	for _, study := range sortedStudies(whole, p.whole) {
		if whole[study] != p.whole[study] {
			p.found.Add("imednet_purged/"+study, "the study was purged at version %d, of which the tombstones say %d", whole[study], p.whole[study])
		}
	}
	return nil
}

func readEnds(ctx context.Context, tx *sql.Tx, query string) (purgeEnds, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ends := purgeEnds{}
	for rows.Next() {
		var study string
		var end imednet.MirrorVersion
		if err := rows.Scan(&study, &end); err != nil {
			return nil, err
		}
		ends[study] = end
	}
	return ends, rows.Err()
}

func sortedStudies(ends ...purgeEnds) (studies []string) {
	for _, e := range ends {
		for study := range e {
			studies = append(studies, study)
		}
	}
	slices.Sort(studies)
	return slices.Compact(studies)
}
