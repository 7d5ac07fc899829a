package dictionary_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// held holds one build of a study against another.
func held(t *testing.T, meant, built *dictionary.Dictionary) *dictionary.Acceptance {
	t.Helper()
	result, err := checkerOf(t, meant).Against(checkerOf(t, built))
	require.NoError(t, err)
	return result
}

// actingExport is an export whose one rule acts for N above 50, with these actions.
func actingExport(actions string) export {
	x := ruleExport("<gt><question>N</question><value>50</value></gt>")
	x[dictionary.RulesFile] = strings.Replace(x[dictionary.RulesFile], "<message><message>m</message><error_field>N</error_field></message>", actions, 1)
	return x
}

// difference is one that a test expects, without its record.
type difference struct {
	kind             dictionary.DifferenceKind
	specified, built string
}

func differencesOf(a *dictionary.Acceptance) []difference {
	all := []difference{}
	for _, d := range a.Differences {
		all = append(all, difference{d.Kind, d.Specified, d.Built})
	}
	return all
}

// What a rule does is compared, not only whether it acts: each change is one difference that says what was done
// before and what is done now, on a record on which the rule acts.
func TestWhatARuleDoesIsCompared(t *testing.T) {
	const (
		message = "<message><message>Wrong.</message><error_field>N</error_field><hard_edit/></message>"
		keyword = "<set_keyword><keyword>late</keyword><target><record/></target></set_keyword>"
		query   = "<open_query><query_status_open>14</query_status_open><query_status_close>13</query_status_close><query_field><question>N</question></query_field><query_text>Why?</query_text></open_query>"
		off     = "<disable_and_clear_field><question>T</question></disable_and_clear_field>"
		both    = "<hide_field><question>T</question><question>R</question></hide_field>"
		sum     = "<calculate_field><question>M</question><calculation><sub><question>N</question><value>1</value></sub></calculation></calculate_field>"
		log     = "<populate_embedded_log><form>Log</form><question>A</question><value>1</value><question>B</question></populate_embedded_log>"
		move    = "<set_record_interval><question>M</question></set_record_interval>"
		told    = "<email_notification><body><question>M</question></body></email_notification>"
		mail    = "<email_notification><to>a@example.org</to></email_notification>"
	)
	const effect, order = dictionary.OtherEffect, dictionary.OtherOrder
	for _, c := range []struct {
		name, actions, from, to string
		want                    []difference
	}{
		{"a hard edit is dropped", message, "<hard_edit/>", "", []difference{{effect, `message(message Wrong., error_field N, hard_edit)`, `message(message Wrong., error_field N)`}}},
		{"a message on another field", message, "<error_field>N", "<error_field>M", []difference{{effect, `message(message Wrong., error_field N, hard_edit)`, `message(message Wrong., error_field M, hard_edit)`}}},
		{"another text", message, "Wrong.", "Wrong!", []difference{{effect, `message(message Wrong., error_field N, hard_edit)`, `message(message "Wrong!", error_field N, hard_edit)`}}},
		{"a blank behind a text", message, "Wrong.", "Wrong. ", []difference{{effect, `message(message Wrong., error_field N, hard_edit)`, `message(message "Wrong. ", error_field N, hard_edit)`}}},
		{"a blank of CDATA", keyword, "late", "<![CDATA[ late]]>", []difference{{effect, `set_keyword(keyword late, target(record))`, `set_keyword(keyword " late", target(record))`}}},
		{"a text in a line of its own", message, "Wrong.", "\n  Wrong.\n", []difference{}},
		{"a keyword renamed", keyword, ">late<", ">later<", []difference{{effect, `set_keyword(keyword late, target(record))`, `set_keyword(keyword later, target(record))`}}},
		{"a keyword on the subject", keyword, "<record/>", "<patient/>", []difference{{effect, `set_keyword(keyword late, target(record))`, `set_keyword(keyword late, target(patient))`}}},
		{"a query on another field", query, "<question>N</question></query_field>", "<question>M</question></query_field>", []difference{{effect, `open_query(query_status_open 14, query_status_close 13, query_field(question N), query_text "Why?")`, `open_query(query_status_open 14, query_status_close 13, query_field(question M), query_text "Why?")`}}},
		{"a query of another status", query, ">14<", ">15<", []difference{{effect, `open_query(query_status_open 14, query_status_close 13, query_field(question N), query_text "Why?")`, `open_query(query_status_open 15, query_status_close 13, query_field(question N), query_text "Why?")`}}},
		{"clearing turned into hiding", off, "disable_and_clear_field", "hide_field", []difference{{effect, `disable_and_clear_field(question T)`, ""}, {effect, "", `hide_field(question T)`}}},
		{"a query turned into a message", query, query, "<message><message>Why?</message></message>", []difference{{effect, `open_query(query_status_open 14, query_status_close 13, query_field(question N), query_text "Why?")`, ""}, {effect, "", `message(message "Why?")`}}},
		{"one of two actions is dropped", message + keyword, keyword, "", []difference{{effect, `set_keyword(keyword late, target(record))`, ""}}},
		{"an action is added", message, message, message + keyword, []difference{{effect, "", `set_keyword(keyword late, target(record))`}}},
		{"an action is done twice", query, query, query + query, []difference{{effect, "", `open_query(query_status_open 14, query_status_close 13, query_field(question N), query_text "Why?")`}}},
		{"a field less", both, "<question>R</question>", "", []difference{{effect, `hide_field(question T, question R)`, `hide_field(question T)`}}},
		{"fields in another order", both, "<question>T</question><question>R</question>", "<question>R</question><question>T</question>", []difference{}},
		{"parts in another order", message, "<message>Wrong.</message><error_field>N</error_field>", "<error_field>N</error_field><message>Wrong.</message>", []difference{}},
		{"a prefix that is declared", message + keyword, "<set_keyword>", "<set_keyword xmlns:x='urn:logic'>", []difference{}},
		{"another layout", message + keyword, "><", "> \n <", []difference{}},
		{"another calculation", sum, "<question>N</question><value>1</value>", "<value>1</value><question>N</question>", []difference{{effect, `calculate_field(question M, calculation(sub(question N, value 1)))`, `calculate_field(question M, calculation(sub(value 1, question N)))`}}},
		{"a text that is not layout", keyword, ">late<", ">\u00a0late<", []difference{{effect, `set_keyword(keyword late, target(record))`, `set_keyword(keyword "\u00a0late", target(record))`}}},
		{"values of other fields", log, "<value>1</value><question>B</question>", "<question>B</question><value>1</value>", []difference{{effect, `populate_embedded_log(form Log, question A, value 1, question B)`, `populate_embedded_log(form Log, question A, question B, value 1)`}}},
		{"an interval taken from what is calculated", sum + move, sum + move, move + sum, []difference{{order, `calculate_field(question M, calculation(sub(question N, value 1))), then set_record_interval(question M)`, `set_record_interval(question M), then calculate_field(question M, calculation(sub(question N, value 1)))`}}},
		{"a mail about what is calculated", sum + told, sum + told, told + sum, []difference{{order, `calculate_field(question M, calculation(sub(question N, value 1))), then email_notification(body(question M))`, `email_notification(body(question M)), then calculate_field(question M, calculation(sub(question N, value 1)))`}}},
		{"a mail about something else", sum + mail, sum + mail, mail + sum, []difference{}},
		{"a refusal before a query", query + message, query + message, message + query, []difference{}},
		{"clearing what is calculated", sum + strings.ReplaceAll(off, ">T<", ">M<"), sum + strings.ReplaceAll(off, ">T<", ">M<"), strings.ReplaceAll(off, ">T<", ">M<") + sum, []difference{{order, `calculate_field(question M, calculation(sub(question N, value 1))), then disable_and_clear_field(question M)`, `disable_and_clear_field(question M), then calculate_field(question M, calculation(sub(question N, value 1)))`}}},
		{"clearing something else", sum + off, sum + off, off + sum, []difference{}},
		{"clearing what is calculated from", sum + strings.ReplaceAll(off, ">T<", ">N<"), sum + strings.ReplaceAll(off, ">T<", ">N<"), strings.ReplaceAll(off, ">T<", ">N<") + sum, []difference{{order, `calculate_field(question M, calculation(sub(question N, value 1))), then disable_and_clear_field(question N)`, `disable_and_clear_field(question N), then calculate_field(question M, calculation(sub(question N, value 1)))`}}},
		{"a keyword set and cleared", keyword + strings.ReplaceAll(keyword, "set_", "clear_"), keyword + strings.ReplaceAll(keyword, "set_", "clear_"), strings.ReplaceAll(keyword, "set_", "clear_") + keyword, []difference{{order, `set_keyword(keyword late, target(record)), then clear_keyword(keyword late, target(record))`, `clear_keyword(keyword late, target(record)), then set_keyword(keyword late, target(record))`}}},
	} {
		meant := read(t, actingExport(c.actions).dir(t), "S")
		changed := strings.ReplaceAll(c.actions, c.from, c.to)
		require.NotEqual(t, c.actions, changed, c.name)
		result := held(t, meant, read(t, actingExport(changed).dir(t), "S"))
		require.Equal(t, c.want, differencesOf(result), c.name)
		failed := 0
		for _, one := range result.Cases {
			require.Equal(t, one.Expected, one.Answered, c.name)
			require.Equal(t, one.Expected == imednet.No || len(c.want) == 0, one.Passed, "%s: it shows where the rule acts", c.name)
			if !one.Passed {
				failed++
			}
		}
		require.Equal(t, failed, result.Failed)
		for _, d := range result.Differences {
			n, _ := d.Data.Get("N")
			number, _ := n.Number()
			fifty, _ := imednet.ParseNumber("50")
			require.Positive(t, number.Compare(fifty), "%s: the record is one on which it acts", c.name)
			require.Equal(t, []string{"1", "Rule", "F"}, []string{d.RuleID, d.Rule, d.Form})
		}
		require.Empty(t, held(t, meant, meant).Differences)
	}
}

// rulesExport is an export with these rules: id, status, sequence, condition and actions of each.
func rulesExport(rules ...[5]string) export {
	x := ruleExport("<true/>")
	text := "Type,Name,Status,ID,Form,Sequence,Logic\n"
	for _, r := range rules {
		text += `Form,Rule ` + r[0] + `,` + r[1] + `,` + r[0] + `,F,` + r[2] + `,"<BusinessLogic><Conditions>` + r[3] + `</Conditions><Actions>` + r[4] + `</Actions></BusinessLogic>"` + "\n"
	}
	x[dictionary.RulesFile] = text
	return x
}

// Rules of one side, repeated rows, and rules that run in another order are differences too.
func TestRulesOfOneSideRepeatsAndOrderAreCompared(t *testing.T) {
	const (
		above = "<gt><question>N</question><value>50</value></gt>"
		below = "<lt><question>N</question><value>50</value></lt>"
		some  = "<gt><question>N</question><value>10</value></gt>"
		clear = "<clear_field><question>M</question></clear_field>"
		one   = "<calculate_field><question>M</question><calculation><value>1</value></calculation></calculate_field>"
		hint  = "<message><message>m</message></message>"
		tag   = "<set_keyword><keyword>k</keyword><target><record/></target></set_keyword>"
		state = "<set_record_status><record_status>Done</record_status></set_record_status>"
		asked = "<exists><keyword_status_record><keyword>k</keyword></keyword_status_record></exists>"
		done  = "<equals><current_record_status/><value>Done</value></equals>"
	)
	rule := func(id, sequence, condition, actions string) [5]string {
		return [5]string{id, "Active", sequence, condition, actions}
	}
	disabled := rule("1", "10", above, hint)
	disabled[1] = "Disabled"
	for _, c := range []struct {
		name         string
		meant, built [][5]string
		want         []difference
		record       string
	}{
		{"missing", [][5]string{rule("1", "10", above, hint), rule("2", "20", below, clear)}, [][5]string{rule("1", "10", above, hint)}, []difference{{dictionary.MissingRule, "clear_field(question M)", ""}}, `{"N":49.99}`},
		{"disabled", [][5]string{rule("1", "10", above, hint)}, [][5]string{disabled}, []difference{{dictionary.MissingRule, "message(message m)", ""}}, `{"N":50.01}`},
		{"additional", [][5]string{rule("1", "10", above, hint)}, [][5]string{rule("1", "10", above, hint), rule("2", "20", below, clear)}, []difference{{dictionary.AdditionalRule, "", "clear_field(question M)"}}, `{"N":49}`},
		{"another id", [][5]string{rule("1", "10", above, hint)}, [][5]string{{"7", "Active", "10", above, hint}}, []difference{}, ""},
		{"another id and condition", [][5]string{rule("1", "10", above, hint)}, [][5]string{{"7", "Active", "10", below, hint}}, []difference{{dictionary.MissingRule, "message(message m)", ""}, {dictionary.AdditionalRule, "", "message(message m)"}}, ""},
		{"repeated", [][5]string{rule("1", "10", above, hint)}, [][5]string{rule("1", "10", above, hint), rule("1", "10", above, hint)}, []difference{{dictionary.OtherNumber, "rows: 1", "rows: 2"}}, ""},
		{"repeated on both sides", [][5]string{rule("1", "10", above, hint), rule("1", "10", above, hint)}, [][5]string{rule("1", "10", above, hint), rule("1", "10", above, hint)}, []difference{}, ""},
		{"one id, two rules, in another order", [][5]string{rule("1", "10", above, hint), rule("1", "10", below, clear)}, [][5]string{rule("1", "10", below, clear), rule("1", "10", above, hint)}, []difference{}, ""},
		{"order by sequence", [][5]string{rule("1", "10", above, one), rule("2", "20", some, clear)}, [][5]string{rule("1", "30", above, one), rule("2", "20", some, clear)}, []difference{{dictionary.OtherOrder, "before rule 2", "after rule 2"}}, `{"N":51}`},
		{"order of the rows", [][5]string{rule("1", "10", above, one), rule("2", "10", some, clear)}, [][5]string{rule("2", "10", some, clear), rule("1", "10", above, one)}, []difference{{dictionary.OtherOrder, "before rule 2", "after rule 2"}}, `{"N":51}`},
		{"the same order by other sequences", [][5]string{rule("1", "9", above, one), rule("2", "10", some, clear)}, [][5]string{rule("2", "200", some, clear), rule("1", "30", above, one)}, []difference{}, ""},
		{"the order of rules that never meet", [][5]string{rule("1", "10", above, one), rule("2", "20", below, clear)}, [][5]string{rule("1", "30", above, one), rule("2", "20", below, clear)}, []difference{}, ""},
		{"the order of rules that do not touch each other", [][5]string{rule("1", "10", above, hint), rule("2", "20", some, clear)}, [][5]string{rule("1", "30", above, hint), rule("2", "20", some, clear)}, []difference{}, ""},
		{"a condition of a keyword that is set", [][5]string{rule("1", "10", above, tag), rule("2", "20", asked, hint)}, [][5]string{rule("1", "30", above, tag), rule("2", "20", asked, hint)}, []difference{{dictionary.OtherOrder, "before rule 2", "after rule 2"}}, ""},
		{"a condition of another keyword", [][5]string{rule("1", "10", above, tag), rule("2", "20", strings.ReplaceAll(asked, ">k<", ">j<"), hint)}, [][5]string{rule("1", "30", above, tag), rule("2", "20", strings.ReplaceAll(asked, ">k<", ">j<"), hint)}, []difference{}, ""},
		{"a condition of a status that is set", [][5]string{rule("1", "10", above, state), rule("2", "20", done, hint)}, [][5]string{rule("1", "30", above, state), rule("2", "20", done, hint)}, []difference{{dictionary.OtherOrder, "before rule 2", "after rule 2"}}, ""},
		{"a condition of what is calculated", [][5]string{rule("1", "10", above, one), rule("2", "20", "<equals><question>M</question><value>1</value></equals>", hint)}, [][5]string{rule("1", "30", above, one), rule("2", "20", "<equals><question>M</question><value>1</value></equals>", hint)}, []difference{{dictionary.OtherOrder, "before rule 2", "after rule 2"}}, `{"N":51,"M":1}`},
	} {
		result := held(t, read(t, rulesExport(c.meant...).dir(t), "S"), read(t, rulesExport(c.built...).dir(t), "S"))
		require.Equal(t, c.want, differencesOf(result), c.name)
		if c.record != "" {
			require.Equal(t, c.record, string(result.Differences[0].Data.Raw()), c.name)
		}
	}
}

// A document that was written without XML has the same rules as the export, as far as it has kept their order; what
// its rules do otherwise is found.
func TestADocumentWithoutXMLIsHeldAgainstItsExport(t *testing.T) {
	long := os.Getenv("IMEDNET_LONG") != ""
	t.Run("own", func(t *testing.T) {
		d := read(t, mutationExport().dir(t), "S")
		if !long { // the rules of this form ask for each other, so that each comparison takes seconds
			require.Empty(t, held(t, d, written(t, d, true)).Differences)
			return
		}
		heldWithoutXML(t, d)
	})
	t.Run("pilot", func(t *testing.T) {
		d := read(t, filepath.Join(samples(t), "pilot"), "S")
		if !long {
			d = everyTenthRule(t, d)
		}
		heldWithoutXML(t, d)
	})
}

func heldWithoutXML(t *testing.T, d *dictionary.Dictionary) {
	t.Helper()
	without := written(t, d, true)
	require.Empty(t, held(t, d, without).Differences)
	require.Empty(t, held(t, without, d).Differences)
	r := d.Rules[slices.IndexFunc(d.Rules, func(r *dictionary.Rule) bool { return strings.Contains(r.XML, "<hard_edit") })]
	changed := withLogic(t, d, r, regexp.MustCompile(`<hard_edit ?/>`).ReplaceAllString(r.XML, ""))
	differences := held(t, written(t, changed, true), d).Differences
	require.Len(t, differences, 1)
	require.Equal(t, []string{r.ID, string(dictionary.OtherEffect)}, []string{differences[0].RuleID, string(differences[0].Kind)})
}

// everyTenthRule is a dictionary with the first of each ten rules.
func everyTenthRule(t *testing.T, d *dictionary.Dictionary) *dictionary.Dictionary {
	t.Helper()
	tables := map[string]*dictionary.Table{}
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		tables[file] = d.Table(file)
	}
	rules := *d.Table(dictionary.RulesFile)
	rules.Rows = slices.DeleteFunc(slices.Clone(rules.Rows), func(row dictionary.Row) bool { return row.Number%10 != 1 })
	tables[dictionary.RulesFile] = &rules
	some, err := dictionary.ReadTables(tables, dictionary.ReadOptions{StudyKey: d.StudyKey})
	require.NoError(t, err)
	return some
}

// Of several blocks of conditions and actions it counts which stand together, and in which order.
func TestBlocksOfARuleAreCompared(t *testing.T) {
	const a, b = "<true/>", "<blank><question>N</question></blank>"
	action := func(k string) string {
		return "<Actions><set_keyword><keyword>" + k + "</keyword><target><record/></target></set_keyword></Actions>"
	}
	when := func(c string) string { return "<Conditions>" + c + "</Conditions>" }
	built := func(blocks ...string) *dictionary.Dictionary {
		x := ruleExport(a)
		x[dictionary.RulesFile] = "Type,Name,Status,ID,Form,Sequence,Logic\nForm,Rule,Active,1,F,10,<BusinessLogic>" + strings.Join(blocks, "") + "</BusinessLogic>\n"
		return read(t, x.dir(t), "S")
	}
	meant := built(when(a), action("k"), when(b), action("j"))
	require.Empty(t, held(t, meant, meant).Differences)
	for _, other := range []*dictionary.Dictionary{
		built(when(a), action("j"), when(b), action("k")),
		built(when(b), action("k"), when(a), action("j")),
		built(when(a), when(b), action("k"), action("j")),
		built(action("k"), when(a), when(b), action("j")),
	} {
		differences := held(t, meant, other).Differences
		require.NotEmpty(t, differences)
		require.Equal(t, dictionary.OtherCondition, differences[0].Kind)
	}
	require.Empty(t, held(t, built(when(a), action("k")), built(action("k"), when(a))).Differences, "of one block it does not")
}

// Rules that are no edit checks of a form, and the columns of rules, are compared as they are written.
func TestColumnsAndOtherRulesAreCompared(t *testing.T) {
	const header = "Type,Name,Status,ID,Form,Sequence,Workflow Forms,Message,Intent,Logic\n"
	const logic = `"<BusinessLogic><Conditions><gt><question>N</question><value>50</value></gt></Conditions><Actions><set_record_status><record_status>Done</record_status></set_record_status></Actions></BusinessLogic>"`
	export := func(rules string) *dictionary.Dictionary {
		x := ruleExport("<true/>")
		x[dictionary.RulesFile] = header + rules
		return read(t, x.dir(t), "S")
	}
	const done = "set_record_status(record_status Done)"
	form, workflow, required := "Form,Rule,Active,1,F,10,,,,"+logic+"\n", "Workflow,Done,Active,2,,10,\"F, G\",,,"+logic+"\n", "Required,Hint,Active,3,,10,,Please answer.,,\n"
	meant := export(form + workflow + required)
	for _, c := range []struct {
		from, to string
		want     []difference
	}{
		{",Rule,", ",Another name,", []difference{}},
		{",1,F,", ",11,F,", []difference{}},
		{"F,10", "F,11", []difference{}},
		{",,,\"<B", ",,why,\"<B", []difference{}},
		{"F,10,,", "F,10,G,", []difference{{dictionary.OtherCondition, "type form, form F", "type form, form F, Workflow Forms G"}}},
		{"Active,1", "Disabled,1", []difference{{dictionary.MissingRule, done, ""}}},
		{"Form,Rule", "Workflow,Rule", []difference{{dictionary.MissingRule, done, ""}, {dictionary.AdditionalRule, "", "type workflow, form F: " + done}}},
		{"1,F,", "1,G,", []difference{{dictionary.MissingRule, done, ""}, {dictionary.AdditionalRule, "", done}}},
		{"F, G", "F", []difference{{dictionary.OtherCondition, `type workflow, Workflow Forms "F, G"`, "type workflow, Workflow Forms F"}}},
		{"Active,2", "Disabled,2", []difference{{dictionary.MissingRule, `type workflow, Workflow Forms "F, G": ` + done, ""}}},
		{"Please answer.", "Answer.", []difference{{dictionary.OtherCondition, `type required, Message "Please answer."`, "type required, Message Answer."}}},
		{"Active,3", "In Error,3", []difference{{dictionary.MissingRule, `type required, Message "Please answer."`, ""}}},
	} {
		all := strings.Replace(form+workflow+required, c.from, c.to, 1)
		require.NotEqual(t, form+workflow+required, all, c.from)
		require.ElementsMatch(t, c.want, differencesOf(held(t, meant, export(all))), c.from)
	}
}
