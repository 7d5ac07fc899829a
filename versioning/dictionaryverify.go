package versioning

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/imednetgo/imednet/internal/audit"
)

// verifyDictionaries checks that each dictionary has its files, unchanged, and that there are no others.
func verifyDictionaries(ctx context.Context, tx *sql.Tx, v *Verification, found *audit.Findings) error {
	stored, err := hashFiles(ctx, tx, found)
	if err != nil {
		return err
	}
	v.Files = int64(len(stored))
	rows, err := tx.QueryContext(ctx, `SELECT `+entryColumns+` FROM config_entries WHERE kind = 'DICTIONARY' ORDER BY study_key, sequence`)
	if err != nil {
		return err
	}
	defer rows.Close()
	named := map[string]bool{}
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		details, err := r.details()
		if err != nil || dictionaryHash(details.Files) != r.CommitID {
			found.Add(r.place(), "its files are not those of its commit id")
			continue
		}
		for _, f := range details.Files {
			named[f.SHA256] = true
			if size, ok := stored[f.SHA256]; !ok || size != f.Size {
				found.Add(r.place(), "its file %s is missing or has another size", f.Name)
			}
		}
	}
	for _, sum := range slices.Sorted(maps.Keys(stored)) {
		if !named[sum] {
			found.Add("dictionary_files/"+sum, "no dictionary has it: another program wrote it")
		}
	}
	return rows.Err()
}

// hashFiles hashes every stored file and returns the sizes by hash.
func hashFiles(ctx context.Context, tx *sql.Tx, found *audit.Findings) (map[string]int64, error) {
	rows, err := tx.QueryContext(ctx, `SELECT sha256, content FROM dictionary_files`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	stored := map[string]int64{}
	for rows.Next() {
		var sum string
		var content sql.RawBytes
		if err := rows.Scan(&sum, &content); err != nil {
			return nil, err
		}
		hash := sha256.Sum256(content)
		if hex.EncodeToString(hash[:]) != sum {
			found.Add("dictionary_files/"+sum, "its content was changed")
		}
		stored[sum] = int64(len(content))
	}
	return stored, rows.Err()
}
