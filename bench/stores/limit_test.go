package stores

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/imednetgo/imednet/internal/sqlite"
)

// BenchmarkLimit measures the floor under the stores on this disk: the same pragmas, one table
// with one index, no chain, no guards, no readable tables.
func BenchmarkLimit(b *testing.B) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(b.TempDir(), "plain.sqlite3"), ApplicationID: 1,
		Migrations: []string{`CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, body TEXT); CREATE INDEX t_k ON t (k)`}})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	n := 0
	insert := func(tx *sql.Tx, body string) error {
		n++
		_, err := tx.ExecContext(ctx, `INSERT INTO t VALUES (?, ?, ?)`, n, fmt.Sprintf("key-%09d", n), body)
		return err
	}
	small, large := string(make([]byte, 500)), string(make([]byte, 4000))
	b.Run("batched_insert", func(b *testing.B) {
		for b.Loop() {
			err := db.Write(ctx, func(tx *sql.Tx) error {
				for range 1000 {
					if err := insert(tx, small); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	for name, body := range map[string]string{"commit_500B": small, "commit_4KB": large} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := db.Write(ctx, func(tx *sql.Tx) error { return insert(tx, body) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("read_100_by_index", func(b *testing.B) {
		for b.Loop() {
			rows, err := db.Reader().QueryContext(ctx, `SELECT id, k, body FROM t WHERE k >= ? ORDER BY k LIMIT 100`, fmt.Sprintf("key-%09d", n/2))
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
				var id int64
				var k, body string
				if err := rows.Scan(&id, &k, &body); err != nil {
					b.Fatal(err)
				}
			}
			if err := rows.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
