package main

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/triage"
)

const (
	triageShare   = 10
	findingsBatch = 10_000
	pageOfItems   = 100
)

var triageJobs = []job{
	{name: "plain batches of 500 bytes", share: triageShare, run: plainBatches},
	{name: "triage, findings", limit: "plain batches of 500 bytes", share: triageShare, streams: true, run: reportFindings},
	{name: "plain pages by an index", share: triageShare, run: func(w *work) error { return w.plainPages(500) }},
	{name: "triage, pages of the queue", limit: "plain pages by an index", share: triageShare, run: readQueue},
	{name: "triage, claim and move", limit: "plain commits of 500 bytes", share: commitShare, run: claimAndMove},
	{name: "triage, verify", limit: "plain pages by an index", share: triageShare, streams: true, run: verifyTriage},
}

func plainBatches(w *work) error {
	db, err := w.plainStore()
	if err != nil {
		return err
	}
	defer db.Close()
	return w.measure(func() (int64, error) { return int64(w.Rows), w.fillPlain(db, 500) })
}

func (w *work) fillPlain(db *sqlite.DB, size int) error {
	body, next := strings.Repeat("x", size), 0
	for next < w.Rows {
		err := db.Write(w.ctx, func(tx *sql.Tx) error {
			for end := min(next+findingsBatch, w.Rows); next < end; next++ {
				if err := insertPlain(w.ctx, tx, next, body); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) plainPages(size int) error {
	db, err := w.plainStore()
	if err != nil {
		return err
	}
	defer db.Close()
	if err := w.fillPlain(db, size); err != nil {
		return err
	}
	return w.measure(func() (rows int64, err error) {
		for rows < int64(w.Rows) {
			n, err := w.plainPage(db, plainKey(int(rows)))
			if err != nil {
				return rows, err
			}
			rows += n
		}
		return rows, nil
	})
}

func (w *work) plainPage(db *sqlite.DB, from string) (n int64, err error) {
	rows, err := db.Reader().QueryContext(w.ctx, `SELECT id, k, body FROM t WHERE k >= ? ORDER BY k LIMIT ?`, from, pageOfItems)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var k, body string
		if err := rows.Scan(&id, &k, &body); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

func finding(i int) triage.Finding {
	return triage.Finding{
		StudyKey: studyKey, Severity: [...]string{"CRITICAL", "HIGH", "MEDIUM", "LOW"}[i%4], Summary: "end date before start date",
		Link: triage.Link{RecordID: int64(i + 1), RevisionID: 1, FormKey: "AE", Variable: "AEENDTC", Rule: "AE-DATES"},
	}
}

// withTriage opens an empty store.
func (w *work) withTriage(use func(*triage.TriageStore) error) error {
	store, err := triage.NewTriageStore(w.ctx, w.path("triage.sqlite3"))
	if err != nil {
		return err
	}
	return errors.Join(use(store), store.Close())
}

// fill reports findings in batches, each one transaction.
func (w *work) fill(store *triage.TriageStore, n int) error {
	findings := make([]triage.Finding, n)
	for i := range findings {
		findings[i] = finding(i)
	}
	for batch := range slices.Chunk(findings, findingsBatch) {
		if _, err := store.ReportFindings(w.ctx, "checks", batch); err != nil {
			return err
		}
	}
	return nil
}

func reportFindings(w *work) error {
	return w.withTriage(func(store *triage.TriageStore) error {
		return w.measure(func() (int64, error) { return int64(w.Rows), w.fill(store, w.Rows) })
	})
}

func readQueue(w *work) error {
	return w.withTriage(func(store *triage.TriageStore) error {
		if err := w.fill(store, w.Rows); err != nil {
			return err
		}
		return w.measure(func() (rows int64, err error) {
			q := triage.QueueOptions{StudyKey: studyKey, Order: triage.OrderSeverity, Limit: pageOfItems}
			for {
				page, err := store.Queue(w.ctx, q)
				if err != nil {
					return rows, err
				}
				if rows += int64(len(page.Items)); page.Next == "" {
					return rows, nil
				}
				q.After = page.Next
			}
		})
	})
}

func claimAndMove(w *work) error {
	return w.withTriage(func(store *triage.TriageStore) error {
		if err := w.fill(store, w.Rows); err != nil {
			return err
		}
		return w.measure(func() (int64, error) {
			for range w.Rows {
				item, err := store.ClaimNext(w.ctx, triage.QueueOptions{StudyKey: studyKey, Order: triage.OrderSeverity, Statuses: []triage.Status{triage.StatusNew}}, triage.Claim{UserID: "anna"})
				if err != nil {
					return 0, err
				}
				_, err = store.UpdateStatus(w.ctx, triage.StatusUpdate{ItemID: item.ItemID, Version: item.Version, To: triage.StatusUnderReview, UserID: "anna"})
				if err != nil {
					return 0, err
				}
			}
			return int64(w.Rows), nil
		})
	})
}

func verifyTriage(w *work) error {
	return w.withTriage(func(store *triage.TriageStore) error {
		if err := w.fill(store, w.Rows); err != nil {
			return err
		}
		return w.measure(func() (int64, error) {
			v, err := store.Verify(w.ctx, triage.VerifyOptions{})
			return v.Events, err
		})
	})
}
