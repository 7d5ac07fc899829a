package probe_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/probe"
)

// TestNeitherYesNorNoHasAMeaning: servers that accept a question and answer another one are told apart, and the report
// says what that means for a sync.
func TestNeitherYesNorNoHasAMeaning(t *testing.T) {
	without := func(pattern string) func(url.Values) {
		filter := regexp.MustCompile(pattern)
		return func(q url.Values) {
			if filter.MatchString(q.Get("filter")) {
				q.Del("filter")
			}
		}
	}
	refused := func(pattern string) func(url.Values) {
		filter := regexp.MustCompile(pattern)
		return func(q url.Values) {
			if filter.MatchString(q.Get("filter")) {
				q.Set("filter", "noSuchAttribute==1")
			}
		}
	}
	everything := imednettest.Settings{RepeatAttributes: true, QuoteAnything: true}
	for name, c := range map[string]struct {
		settings imednettest.Settings
		rewrite  func(url.Values)
		point    string
		meaning  string
	}{
		"a bound on the id is ignored":  {everything, without(`^recordId>\d+$`), "condition-on-id", "offset pages"},
		"a bound on a date is ignored":  {everything, without(`^dateModified>=\d`), "condition-on-date", "sweep often"},
		"a misspelt filter finds none":  {everything, func(q url.Values) { replaceFilter(q, "noSuchAttribute==1", "recordId==0") }, "unknown-attribute", "selects nothing"},
		"lists only":                    {everything, refused(`;recordId<=`), "attribute-twice", "Lists of ids can be asked for"},
		"ranges only":                   {everything, refused(`,recordId==\d+$`), "attribute-twice", "Ranges can be asked for"},
		"the second condition wins":     {everything, lastOf, "attribute-twice", "other rows than it says"},
		"dates cannot be quoted":        {everything, refused(`^dateModified>="`), "quotes", "Numbers can be quoted, dates cannot"},
		"numbers cannot be quoted":      {everything, refused(`^recordId=="`), "quotes", "Dates can be quoted, numbers cannot"},
		"no escapes":                    {everything, refused(`\\"`), "quotes", "Numbers and dates can be quoted"},
		"a quoted value is another one": {everything, quotesAreText, "quotes", "send numbers and dates bare"},
		"an order that is not applied":  {everything, sortByID, "sort-by-attribute", "sort by the id alone"},
	} {
		t.Run(name, func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "PROBE", Records: 300})
			server := imednettest.NewServer(study)
			server.Configure(c.settings)
			report, err := examineServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				c.rewrite(q)
				r.URL.RawQuery = q.Encode()
				server.ServeHTTP(w, r)
			}))
			require.NoError(t, err)
			point, found := report.Point(c.point)
			require.True(t, found)
			require.Equal(t, probe.Differs, point.Answer, point.Came)
			require.Contains(t, point.Meaning, c.meaning)
			for _, p := range report.Points {
				if p.Answer == probe.Differs {
					require.NotEmpty(t, p.Meaning, p.ID)
				}
			}
		})
	}
}

func replaceFilter(q url.Values, from, to string) {
	if q.Get("filter") == from {
		q.Set("filter", to)
	}
}

// lastOf leaves the last condition of several.
func lastOf(q url.Values) {
	conditions := strings.FieldsFunc(q.Get("filter"), func(r rune) bool { return r == ';' || r == ',' })
	if len(conditions) > 1 {
		q.Set("filter", conditions[len(conditions)-1])
	}
}

// quotesAreText makes a quoted value one that no row has.
func quotesAreText(q url.Values) {
	if strings.Contains(q.Get("filter"), `"`) {
		q.Set("filter", "recordId==0")
	}
}

// sortByID answers in the order of the ids, whatever is asked for.
func sortByID(q url.Values) {
	if strings.HasPrefix(q.Get("sort"), "dateModified") {
		q.Set("sort", "recordId,DESC")
	}
}
