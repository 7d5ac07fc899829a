package scenarios

import (
	"context"
	_ "embed"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/internal/qualification"
)

//go:embed safety.json
var safetyConfiguration []byte

var safetyData = qualification.Scenario{
	ID: "OQ-SAF-1", Title: "Safety data are what was collected, and every value says where it comes from",
	Requirements: []string{"SAF-01", "SAF-05", "SAF-06"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 1000)
		if err != nil {
			return err
		}
		defer s.close()
		result, err := extract(ctx, s, string(safetyConfiguration))
		if err != nil {
			return err
		}
		events, err := collected(ctx, s)
		if err != nil {
			return err
		}
		complete := 0
		for _, e := range events {
			if e.complete() {
				complete++
			}
		}
		t.Equal("candidates, rows, rejected", list(int64(len(events)), int64(complete), int64(len(events)-complete)),
			list(int64(len(result.AdverseEvents)+len(result.ValidationErrors)), int64(len(result.AdverseEvents)), int64(len(result.ValidationErrors))))
		compareEvents(t, events, result)
		return t.EvidenceJSON("report.json", result.Report)
	},
}

func extract(ctx context.Context, s *site, document string) (*extraction.ExtractionResult, error) {
	config, err := imednet.ParseStudyConfiguration([]byte(document), imednet.ConfigurationOptions{})
	if err != nil {
		return nil, err
	}
	structure, err := extraction.ReadStructure(ctx, s.client, config.StudyKey)
	if err != nil {
		return nil, err
	}
	engine, err := extraction.NewEngine(config, extraction.WithStructure(structure))
	if err != nil {
		return nil, err
	}
	return engine.Extract(ctx, s.client, extraction.Options{InMemory: true})
}

// event is an adverse event as the server has it.
type event map[string]string

func (e event) complete() bool { return e.has("AETERM") && e.has("AESEV") }

func (e event) has(variable string) bool { return strings.TrimSpace(e[variable]) != "" }

// collected reads the adverse events of subjects that are not deleted, without this library.
func collected(ctx context.Context, s *site) (map[int64]event, error) {
	messages, err := s.rows(ctx, "records", "recordId")
	if err != nil {
		return nil, err
	}
	events := map[int64]event{}
	for _, message := range messages {
		record, answers, err := answersOf(message)
		if err != nil {
			return nil, err
		}
		if record.FormKey != "AE" || record.Deleted {
			continue
		}
		e := event{}
		for _, a := range answers {
			if text, ok := textOf(a.value); ok {
				e[a.variable] = text
			}
		}
		events[record.RecordID] = e
	}
	return events, nil
}

// compareEvents compares the values of every row with what was collected, and looks at their lineage.
func compareEvents(t *qualification.Trial, events map[int64]event, result *extraction.ExtractionResult) {
	serious := map[string]imednet.YesNo{"Yes": imednet.Yes, "No": imednet.No}
	terms, severities, flags, invented, lineage := 0, 0, 0, 0, 0
	for _, row := range result.AdverseEvents {
		e := events[row.RecordID()]
		if row.AETerm != e["AETERM"] {
			terms++
		}
		if row.AESeverity != strings.ToUpper(e["AESEV"]) {
			severities++
		}
		if row.AESerious != serious[e["AESER"]] {
			flags++
		}
		if !e.has("AESER") && row.AESerious == imednet.No {
			invented++
		}
		for name := range row.Fields() {
			l, ok := row.Lineage(name)
			if !ok || l.Configuration.Version == "" || len(l.Origins()) == 0 || l.Origins()[0].RecordID != row.RecordID() {
				lineage++
			}
		}
	}
	t.Equal("terms, severities, flags that differ from what was collected", "0, 0, 0", list(int64(terms), int64(severities), int64(flags)))
	t.Equal("events of unanswered seriousness that are “not serious”", 0, invented)
	t.Equal("values without a lineage to their record and configuration", 0, lineage)
}

var expressions = qualification.Scenario{
	ID: "OQ-SAF-2", Title: "An expression can neither run forever, nor reach the computer, nor be skipped",
	Requirements: []string{"SAF-02", "SAF-04", "SAF-09"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 300)
		if err != nil {
			return err
		}
		defer s.close()
		for _, expression := range []string{"__import__('os').system('true')", "[x for x in range(10)]", "(lambda: 0)()", "open('/etc/passwd').read()", "while True: pass"} {
			_, err := extract(ctx, s, withLogic(expression))
			t.Holds("refused before the first record: "+expression, err != nil)
		}
		for _, expression := range []string{"'x' * 10 ** 9", "10 ** 10 ** 10", "value * (1 << 30)", "1 // 0", "int('no number')"} {
			result, err := extract(ctx, s, withLogic(expression))
			if err != nil {
				t.Holds("refused before the first record: "+expression, true)
				continue
			}
			t.Equal("rows with a value where the expression fails: "+expression, 0, len(result.AdverseEvents))
			t.Holds("rejected rows: "+expression, len(result.ValidationErrors) > 0)
		}
		return nil
	},
}

// withLogic is a configuration whose severity is what an expression makes of it.
func withLogic(expression string) string {
	return strings.Replace(string(safetyConfiguration), `"sourceVariableName": "AESEV"`, `"sourceVariableName": "AESEV", "businessLogic": `+asJSON(expression), 1)
}
