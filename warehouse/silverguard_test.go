package warehouse_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

// twoForms is a study of two forms with 20 records and 12 variables.
func twoForms(t testing.TB) *design {
	s := &design{formKey: "AE", more: []imednet.Form{{FormID: 4, FormKey: imednet.Some("VS")}}}
	for i := range int64(20) {
		r := record(t, i+1, 1, `{"A":"1","B":"2"}`)
		if i >= 10 {
			r.FormID, r.FormKey, r.Raw = imednet.Some(int64(4)), imednet.Some("VS"), nil
		}
		s.listing = append(s.listing, r)
	}
	for i, name := range []string{"A", "B", "C", "D", "E", "F"} {
		vs := variable(int64(i+20), "VS", name, "TEXT")
		vs.FormID = imednet.Some(int64(4))
		s.variables = append(s.variables, variable(int64(i+1), "AE", name, "TEXT"), vs)
	}
	return s
}

func TestTypedTablesAreNotLostToAnAnswerThatLacksThem(t *testing.T) {
	for name, c := range map[string]struct {
		lose    func(*design) tables.Source
		refused string // "" for nothing
	}{
		"nothing":                   {func(s *design) tables.Source { return s }, ""},
		"no forms at all":           {func(s *design) tables.Source { s.variables = nil; return barren{s} }, "2 of 2 forms"},
		"forms that variables name": {func(s *design) tables.Source { return barren{s} }, ""},
		"no records":                {func(s *design) tables.Source { s.listing = nil; return s }, "20 of 20 records"},
		"half the records":          {func(s *design) tables.Source { s.listing = s.listing[:10]; return s }, "10 of 20 records"},
		"a few records":             {func(s *design) tables.Source { s.listing = s.listing[:12]; return s }, ""},
		"no variables":              {func(s *design) tables.Source { s.variables = nil; return s }, "12 of 12 columns"},
		"most variables":            {func(s *design) tables.Source { s.variables = s.variables[:2]; return s }, "10 of 12 columns"},
		"a variable":                {func(s *design) tables.Source { s.variables = s.variables[1:]; return s }, ""},
		"renamed variables":         {func(s *design) tables.Source { rename(s); return s }, ""},
		"records of forms that are not listed": {func(s *design) tables.Source {
			for i := range s.listing {
				s.listing[i].FormID, s.listing[i].FormKey, s.listing[i].Raw = imednet.Some(int64(99)), imednet.Some("XX"), nil
			}
			return s
		}, "20 of 20 records"},
		"deleted records": {func(s *design) tables.Source {
			for i := range s.listing {
				s.listing[i].Deleted, s.listing[i].Raw = imednet.Some(true), nil
			}
			return s
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			silver(t, d, twoForms(t), "S1", warehouse.SilverOptions{})
			state := func() []string {
				return append(table(t, d, `SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'silver_S1' ORDER BY ALL`),
					table(t, d, `SELECT (SELECT count(*) FROM "silver_S1"."AE"), (SELECT count(*) FROM "silver_S1"."VS"), (SELECT count(*) FROM imednet_schema_changes), (SELECT count(*) FROM silver_rejects)`)...)
			}
			before := state()
			source := c.lose(twoForms(t))
			_, err := d.BuildSilverTables(t.Context(), mapper(t, source), "S1", warehouse.SilverOptions{})
			if c.refused == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, warehouse.ErrMassDeletion)
			require.ErrorContains(t, err, c.refused)
			require.Equal(t, before, state(), "nothing was changed")
			silver(t, d, source, "S1", warehouse.SilverOptions{AllowMassDeletion: true})
			silver(t, d, source, "S1", warehouse.SilverOptions{})
		})
	}
}

func rename(s *design) {
	for i := range s.variables {
		s.variables[i].VariableName = imednet.Some("NEW" + s.variables[i].VariableName.Or(""))
	}
}

// narrowing is a source that lists what it is asked for: no record, if it is asked for a visit or one record.
type narrowing struct{ *design }

func (s narrowing) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	for _, c := range opts.Filter.Conditions() {
		if c.Attribute == "visitId" || c.Attribute == "recordId" {
			return listing(nil).Records(ctx, study, opts)
		}
	}
	return s.design.Records(ctx, study, opts)
}

// TestWhatTheCallerLeavesOutIsNoLoss: the selection is the caller's, also where the server is asked for it.
func TestWhatTheCallerLeavesOutIsNoLoss(t *testing.T) {
	plan, err := mapper(t, twoForms(t)).Plan(t.Context(), "S1", tables.PlanOptions{})
	require.NoError(t, err)
	plan.Forms = plan.Forms[:1]
	plan.Forms[0].Columns = plan.Forms[0].Columns[:1]
	for name, options := range map[string]tables.MapOptions{
		"a form":     {Forms: []string{"VS"}},
		"a variable": {Variables: []string{"A"}},
		"a visit":    {VisitKey: "77"},
		"a filter":   {Filter: imednet.Where("recordId", imednet.Equal, 1)},
		"a plan":     {Plan: plan},
	} {
		d := open(t)
		silver(t, d, twoForms(t), "S1", warehouse.SilverOptions{})
		_, err := d.BuildSilverTables(t.Context(), mapper(t, narrowing{twoForms(t)}), "S1", warehouse.SilverOptions{Map: options})
		require.NoError(t, err, name)
	}
}
