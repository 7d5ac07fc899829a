package triage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// verifyTables replays the log item by item, in the order of ids, beside the readable tables. It
// holds one item at a time.
func verifyTables(ctx context.Context, tx *sql.Tx, d audit.Dialect, v *Verification, found *audit.Findings) (err error) {
	queries := []string{
		`SELECT item_id, ` + eventColumns + ` FROM triage_events ORDER BY item_id, version`,
		`SELECT item_id, ` + itemColumns + ` FROM triage_items ORDER BY item_id`,
		`SELECT item_id, ` + annotationColumns + ` FROM triage_annotations ORDER BY item_id, rowid`,
		`SELECT item_id, ` + transitionColumns + ` FROM triage_history ORDER BY item_id, rowid`,
	}
	var tables []*audit.Grouped
	defer func() {
		for _, t := range tables {
			err = errors.Join(err, t.Close())
		}
	}()
	for _, q := range queries {
		t, err := audit.NewGrouped(ctx, tx, d, q)
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	for {
		id, ok := audit.LeastKey(tables...)
		if !ok {
			return nil
		}
		var parts [4][]audit.Row
		for i, t := range tables {
			if parts[i], err = t.Take(id); err != nil {
				return err
			}
		}
		v.Items += int64(len(parts[1]))
		want := replay(id, parts[0], found)
		compare("triage_items", id, itemColumns, want.items, parts[1], found)
		compare("triage_annotations", id, annotationColumns, want.annotations, parts[2], found)
		compare("triage_history", id, transitionColumns, want.transitions, parts[3], found)
	}
}

// replayed is what the readable tables must hold of an item.
type replayed struct{ items, annotations, transitions []audit.Row }

func replay(id string, events []audit.Row, found *audit.Findings) replayed {
	var want replayed
	row, exists := itemRow{ItemID: id}, false
	var resolved confirmable
	for _, raw := range events {
		e, ok := eventOf(raw)
		if !ok {
			found.Add("triage_items/"+id, "the log has an entry of the item that cannot be read")
			continue
		}
		if e.Version != row.Version+1 {
			found.Add("triage_items/"+id, "the log lacks the item's version %d", row.Version+1)
		}
		if fault := cmp.Or(resolved.fault(&row, &e), impossible(&row, &e)); fault != "" {
			found.Add(fmt.Sprintf("triage_events/%d", e.Sequence), "%s", fault)
		}
		exists = exists || e.Kind == KindCreated || e.Kind == KindImported
		wrote := row.apply(&e)
		if wrote.annotation != nil {
			want.annotations = append(want.annotations, wrote.annotation)
		}
		if wrote.transition != nil {
			want.transitions = append(want.transitions, wrote.transition)
		}
	}
	if exists {
		want.items = []audit.Row{row.values()}
	}
	return want
}

// confirmable is by what it was proven who resolved an item.
type confirmable struct{ proof *imednet.Identity }

// fault says why nobody can have confirmed an item as it was, by the rules that ConfirmItem always has.
func (r *confirmable) fault(row *itemRow, e *Event) string {
	if e.Change.To == StatusResolved {
		r.proof = e.Change.Actor
	}
	switch {
	case e.Kind != KindConfirmed:
		return ""
	case row.Status != string(StatusResolved):
		return "confirms an item that is not resolved"
	case row.ConfirmedBy.Valid:
		return "confirms an item that is confirmed already"
	case audit.SameActor(row.ResolvedBy.String, r.proof, e.UserID, e.Change.Actor):
		return "is a confirmation by the person who resolved the item"
	}
	return ""
}

// eventOf reads the columns of eventColumns. The columns of a STRICT table have their types.
func eventOf(r audit.Row) (Event, bool) {
	row := eventRow{}
	for i, field := range row.fields() {
		switch field := field.(type) {
		case *string:
			*field, _ = r[i].(string)
		case *int64:
			*field, _ = r[i].(int64)
		}
	}
	return row.event()
}

// compare notes the first difference between what the log says and what a table holds.
func compare(table, id, columns string, want, have []audit.Row, found *audit.Findings) {
	at := table + "/" + id
	if len(want) != len(have) {
		found.Add(at, "the table has %d rows of the item, the log %d", len(have), len(want))
		return
	}
	for i := range want {
		if c := want[i].Differs(have[i]); c >= 0 {
			found.Add(at, "row %d of the item differs from the log in %s", i+1, columnName(columns, c))
			return
		}
	}
}

func columnName(columns string, i int) string {
	names := slices.Collect(strings.SplitSeq(columns, ","))
	return strings.TrimSpace(names[i])
}
