package imednet_test

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// shelf is a RecordSource that filters as a server does.
type shelf struct {
	records []imednet.Record
	asked   []string
	fail    error // after the last record
	open    int   // listings that have begun and not ended
}

func (s *shelf) Records(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		s.open++
		defer func() { s.open-- }()
		text, err := opts.Filter.Encode(imednet.Records)
		s.asked = append(s.asked, text)
		for i := range s.records {
			if err == nil && opts.Filter.MatchRecord(&s.records[i]) && !yield(s.records[i], nil) {
				return
			}
		}
		if err = errors.Join(err, s.fail); err != nil {
			yield(imednet.Record{}, err)
		}
	}
}

func recordIDs(t *testing.T, rows iter.Seq2[imednet.Record, error]) []int64 {
	ids := []int64{}
	for r, err := range rows {
		require.NoError(t, err)
		ids = append(ids, r.RecordID)
	}
	return ids
}

func TestOneFormIsWhatPickingItFromAllGives(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	narrowed := 0
	for range 3000 {
		d := randomDesign(r)
		x := imednet.NewFormIndex(d.forms, d.variables)
		base := []imednet.Filter{
			{}, imednet.Where("siteId", imednet.Equal, 1), imednet.Where("recordId", imednet.Greater, 4),
			imednet.Where("siteId", imednet.Equal, 1).Or("recordId", imednet.Less, 4),
			imednet.Where("formId", imednet.NotEqual, 2), imednet.Where("formKey", imednet.NotEqual, "CM"),
		}[r.IntN(6)]
		for _, keys := range [][]string{nil, {"AE"}, {"CM"}, {"5"}, {`q"`}, {"AE", "CM"}} {
			sel, err := x.Select(keys...)
			if err != nil {
				continue
			}
			want := []int64{}
			for i := range d.records {
				form, _ := x.OfRecord(&d.records[i])
				asked := keys == nil || form != nil && (form.Key() == keys[0] || form.Key() == keys[len(keys)-1])
				require.Equal(t, asked, sel.Has(&d.records[i]))
				if asked && base.MatchRecord(&d.records[i]) {
					want = append(want, d.records[i].RecordID)
				}
			}
			src := &shelf{records: d.records}
			require.Equal(t, want, recordIDs(t, sel.Records(t.Context(), src, "DEMO", imednet.ListOptions{Filter: base})))
			narrowed += len(src.asked) - 1
		}
	}
	assert.Positive(t, narrowed, "some forms were asked for by id and by key")
}

func TestWhatASelectionAsksFor(t *testing.T) {
	x := imednet.NewFormIndex([]imednet.Form{form(1, "AE"), form(2, "CM"), form(0, "PD"), form(3, ""), form(4, `V"S`), form(5, "MH"), form(6, "MH")}, nil)
	site := imednet.Where("siteId", imednet.Equal, 3)
	cases := map[string]struct {
		forms []string
		base  imednet.Filter
		want  []string
	}{
		"all":                       {nil, site, []string{"siteId==3"}},
		"one":                       {[]string{"AE"}, imednet.Filter{}, []string{"formId==1", "formKey==AE"}},
		"one twice":                 {[]string{"AE", "AE"}, imednet.Filter{}, []string{"formId==1", "formKey==AE"}},
		"one, filtered":             {[]string{"AE"}, site, []string{"siteId==3;formId==1", "siteId==3;formKey==AE"}},
		"two":                       {[]string{"AE", "CM"}, site, []string{"siteId==3"}},
		"one without an id":         {[]string{"PD"}, imednet.Filter{}, []string{"formKey==PD"}},
		"a key of two":              {[]string{"MH"}, site, []string{"siteId==3"}},
		"a key that none can quote": {[]string{`V"S`}, site, []string{"siteId==3"}},
		"filtered by formId":        {[]string{"AE"}, imednet.Where("formId", imednet.Greater, 0), []string{"formId>0"}},
		"filtered by formKey":       {[]string{"AE"}, imednet.Where("formKey", imednet.NotEqual, "X"), []string{"formKey!=X"}},
		"filtered by OR":            {[]string{"AE"}, site.Or("recordId", imednet.Less, 9), []string{"siteId==3,recordId<9"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			sel, err := x.Select(c.forms...)
			require.NoError(t, err)
			var got []string
			for _, f := range sel.Filters(c.base) {
				text, err := f.Encode(imednet.Records)
				require.NoError(t, err)
				got = append(got, text)
			}
			assert.Equal(t, c.want, got)
		})
	}
	var zero imednet.FormSelection
	assert.True(t, zero.Has(&imednet.Record{}))
	assert.Nil(t, zero.Forms())

	_, err := x.Select("ae", "CM", "")
	var invalid *imednet.ValidationError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, []imednet.Problem{
		{Path: "forms", Message: `the study has no form "ae"; did you mean AE?`, NotFound: true},
		{Path: "forms", Message: `the study has no form ""`, NotFound: true},
	}, invalid.Problems)

	mixed := site.And("recordId", imednet.Less, 9).Or("visitId", imednet.Equal, 1)
	sel, err := x.Select("AE")
	require.NoError(t, err)
	_, err = sel.Filters(mixed)[0].Encode(imednet.Records)
	assert.ErrorAs(t, err, &invalid, "a filter that is refused stays refused")
}

func TestReadingASelectionEndsAsItShould(t *testing.T) {
	x := imednet.NewFormIndex([]imednet.Form{form(1, "AE")}, nil)
	sel, err := x.Select("AE")
	require.NoError(t, err)
	both := func(id int64) imednet.Record {
		return imednet.Record{RecordID: id, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("AE")}
	}
	src := &shelf{records: []imednet.Record{both(1), both(2), both(3)}}
	for range sel.Records(t.Context(), src, "DEMO", imednet.ListOptions{}) {
		assert.Equal(t, 2, src.open)
		break
	}
	assert.Zero(t, src.open, "breaking out releases both listings")

	var ids []int64
	var failure error
	read := func() {
		ids, failure = nil, nil
		for r, err := range sel.Records(t.Context(), src, "DEMO", imednet.ListOptions{}) {
			require.NoError(t, failure, "an error comes last")
			if failure = err; err == nil {
				ids = append(ids, r.RecordID)
			}
		}
	}
	read()
	assert.Equal(t, []int64{1, 2, 3}, ids)
	assert.NoError(t, failure)

	src.fail = imednet.ErrForbidden
	read()
	assert.Equal(t, []int64{1, 2, 3}, ids)
	assert.ErrorIs(t, failure, imednet.ErrForbidden)

	src.fail, src.records = nil, []imednet.Record{both(2), both(1)}
	read()
	assert.ErrorIs(t, failure, imednet.ErrProtocol)
	assert.EqualError(t, failure, "reply violates the API's contract: record 1 comes after record 2")

	src.records = []imednet.Record{both(2), both(2)}
	read()
	assert.ErrorIs(t, failure, imednet.ErrProtocol)
	assert.Zero(t, src.open)
}
