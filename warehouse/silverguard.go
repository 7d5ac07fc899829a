package warehouse

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet/internal/shortfall"
	"github.com/imednetgo/imednet/workflows/tables"
)

// A source that suddenly lists less, as after a lost permission, must not empty typed tables. Forms and columns are
// counted before anything is dropped, and records when all were read. What is renamed is not missing: only the
// numbers count.

// guardDesign refuses to drop a suspicious share of the tables or of the columns for answers.
func (b *silverBuild) guardDesign(wanted []silverTable, replaced []SilverTable) error {
	if b.opts.AllowMassDeletion || b.opts.Map.Plan != nil || len(b.opts.Map.Variables) > 0 {
		return nil
	}
	if err := b.suspect(int64(len(replaced)), int64(len(replaced)-len(wanted)), "forms"); err != nil {
		return err
	}
	held, missing := int64(0), int64(0)
	stays := map[string]bool{}
	for _, t := range replaced {
		stays[t.FormKey] = true
	}
	for _, t := range wanted {
		if stays[t.FormKey] {
			held += int64(t.answers)
		}
	}
	for _, c := range b.out.Changes {
		switch {
		case c.Column == "":
		case c.New == "":
			missing++
		case c.Old == "":
			missing--
		}
	}
	return b.suspect(held+missing, missing, "columns")
}

// guardRecords refuses a run that met far fewer records than the tables had rows.
func (b *silverBuild) guardRecords(r tables.MapReport) error {
	if b.opts.AllowMassDeletion || b.opts.Map.VisitKey != "" || !b.opts.Map.Filter.IsZero() {
		return nil
	}
	listed := r.Records - r.OtherForms
	if b.opts.Map.Plan == nil {
		listed -= r.RecordsRejected
	}
	return b.suspect(b.held, b.held-listed, "records")
}

func (b *silverBuild) suspect(held, missing int64, of string) error {
	if !shortfall.Suspicious(held, missing) {
		return nil
	}
	return fmt.Errorf("%d of %d %s: %w", missing, held, of, ErrMassDeletion)
}

// countRows counts the rows of the tables that are to be replaced.
func (b *silverBuild) countRows(ctx context.Context, replaced []SilverTable) error {
	for _, t := range replaced {
		columns, err := b.columnsOf(ctx, t)
		if err != nil {
			return err
		}
		if len(columns) == 0 {
			continue // somebody dropped the table
		}
		var rows int64
		if err := b.conn.QueryRowContext(ctx, `SELECT count(*) FROM `+t.Identifier()).Scan(&rows); err != nil {
			return err
		}
		b.held += rows
	}
	return nil
}
