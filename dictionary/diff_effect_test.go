package dictionary_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// ruleWith is the one rule of an export with questions N and M for numbers, T and R for text and a choice.
func ruleWith(status, conditions, actions string) *dictionary.Rule {
	x := ruleExport("<true/>")
	x[dictionary.RulesFile] = "Type,Name,Status,ID,Form,Sequence,Logic\nForm,Rule," + status + `,1,F,10,"<BusinessLogic><Conditions>` + conditions + `</Conditions><Actions>` + actions + "</Actions></BusinessLogic>\"\n"
	d, err := dictionary.ReadFiles(x.bytes(), dictionary.ReadOptions{})
	if err != nil || len(d.Rules) != 1 {
		panic("no rule")
	}
	return d.Rules[0]
}

func (x export) bytes() map[string][]byte {
	files := map[string][]byte{}
	for name, text := range x {
		files[name] = []byte(text)
	}
	return files
}

// What a rule does when it is added, removed, turned on or off, or changed decides the effect of the change.
func TestEffectsOfRules(t *testing.T) {
	const (
		when       = "<gt><question>N</question><value>10</value></gt>"
		message    = "<message><message>Too much.</message><error_field>N</error_field></message>"
		hard       = "<message><message>Too much.</message><error_field>N</error_field><hard_edit/></message>"
		query      = "<open_query><query_status_open>14</query_status_open><query_field><question>N</question></query_field><query_text>Why?</query_text></open_query>"
		clears     = "<disable_and_clear_field><question>M</question></disable_and_clear_field>"
		keyword    = "<set_keyword><keyword>k</keyword><target><record/></target></set_keyword>"
		calculates = "<calculate_field><question>M</question><calculation><value>1</value></calculation></calculate_field>"
		adds       = "<calculate_field><question>M</question><calculation><add><question>N</question><value>1</value></add></calculation></calculate_field>"
		fills      = "<populate_field><question>M</question><value>1</value></populate_field>"
		breaking   = dictionary.Breaking
		tighter    = dictionary.Tightening
		looser     = dictionary.Extending
		cosmetic   = dictionary.Cosmetic
	)
	in := func(actions string) *dictionary.Rule { return ruleWith("Active", when, actions) }
	off := func(actions string) *dictionary.Rule { return ruleWith("Disabled", when, actions) }
	for _, c := range []struct {
		what          string
		before, after *dictionary.Rule
		want          dictionary.Effect
		note          string
	}{
		{"a hard edit is added", in(message), in(hard), tighter, ""},
		{"a hard edit is removed", in(hard), in(message), looser, ""},
		{"a query is added", in(message), in(message + query), tighter, ""},
		{"a query is removed", in(message + query), in(message), looser, ""},
		{"a message is about another question", in(message), in(strings.ReplaceAll(message, ">N<", ">M<")), tighter, ""},
		{"clearing is added", in(message), in(message + clears), breaking, ""},
		{"clearing is removed", in(message + clears), in(message), looser, ""},
		{"clearing becomes disabling", in(clears), in(strings.ReplaceAll(clears, "_and_clear", "")), tighter, ""},
		{"another question is cleared", in(clears), in(strings.ReplaceAll(clears, ">M<", ">T<")), breaking, ""},
		{"a query replaces a hard edit", in(hard), in(message + query), tighter, ""},
		{"a calculation is added", in(message), in(message + "<calculate_field><question>M</question><calculation><value>1</value></calculation></calculate_field>"), breaking, ""},
		{"another calculation", in(calculates), in(strings.ReplaceAll(calculates, ">1<", ">2<")), breaking, ""},
		{"another calculation of a rule that does not run", off(calculates), ruleWith("Disabled", when, strings.ReplaceAll(calculates, ">1<", ">2<")), cosmetic, "the rule does not run"},
		{"another value that is filled in", in(fills), in(strings.ReplaceAll(fills, ">1<", ">2<")), breaking, ""},
		{"a number of a calculation in another spelling", in(adds), in(strings.ReplaceAll(adds, ">1<", ">1.0<")), cosmetic, "spelling only"},
		{"text behind an element", in(message), ruleWith("Active", strings.Replace(when, "</question>", "</question>text", 1), message), tighter, ""},
		{"a text that is not layout", ruleWith("Active", of("<question>T</question>", "x"), message), ruleWith("Active", of("<question>T</question>", "\u00a0x"), message), tighter, ""},
		{"hiding is added", in(message), in(message + "<hide_field><question>M</question></hide_field>"), tighter, ""},
		{"a keyword is added", in(message), in(message + keyword), cosmetic, ""},
		{"a keyword is removed", in(message + keyword), in(message), cosmetic, ""},
		{"an action that is not known is added", in(message), in(message + "<lock_record/>"), tighter, ""},
		{"an action that is not known is another", in(message + "<lock_record/>"), in(message + "<lock_record><when>now</when></lock_record>"), tighter, ""},
		{"an action that is not known is removed", in(message + "<lock_record/>"), in(message), looser, ""},
		{"an e-mail is added", in(message), in(message + "<email_notification/>"), cosmetic, ""},
		{"the text of a message", in(message), in(strings.ReplaceAll(message, "Too much.", "Much too much.")), cosmetic, "spelling only"},
		{"the text of a query", in(query), in(strings.ReplaceAll(query, "Why?", "How so?")), cosmetic, "spelling only"},
		{"the text of a message and a hard edit", in(message), in(strings.ReplaceAll(hard, "Too much.", "Much too much.")), tighter, ""},
		{"the actions in another order", in(message + keyword), in(keyword + message), cosmetic, ""},
		{"a namespace is declared", ruleWith("Active", "<and>"+when+"</and>", message), ruleWith("Active", "<and xmlns:x='urn:x'>"+when+"</and>", message), cosmetic, "layout only"},
		{"a default namespace is declared", ruleWith("Active", "<and>"+when+"</and>", message), ruleWith("Active", "<and xmlns='urn:logic'>"+when+"</and>", message), tighter, ""},
		{"another default namespace", ruleWith("Active", "<and xmlns='urn:a'>"+when+"</and>", message), ruleWith("Active", "<and xmlns='urn:b'>"+when+"</and>", message), tighter, ""},
		{"another prefix of a namespace", ruleWith("Active", "<x:and xmlns:x='urn:a'>"+when+"</x:and>", message), ruleWith("Active", "<y:and xmlns:y='urn:a'>"+when+"</y:and>", message), cosmetic, "layout only"},
		{"layout", in(message), ruleWith("Active", when+"\n", "\n"+message), cosmetic, "layout only"},
		{"a number in another spelling", in(message), ruleWith("Active", strings.ReplaceAll(when, ">10<", ">10.0<"), message), cosmetic, "spelling only"},
		{"a number in a calculation", ruleWith("Active", "<gt><add>"+n+"<value>1</value></add><value>10</value></gt>", hard), ruleWith("Active", "<gt><add>"+n+"<value>1.0</value></add><value>1e1</value></gt>", hard), cosmetic, "spelling only"},
		{"another number", in(message), ruleWith("Active", strings.ReplaceAll(when, ">10<", ">11<"), message), tighter, ""},
		{"another number, of a rule that clears", in(clears), ruleWith("Active", strings.ReplaceAll(when, ">10<", ">11<"), clears), breaking, ""},
		{"another number, of a rule that only sets a keyword", in(keyword), ruleWith("Active", strings.ReplaceAll(when, ">10<", ">11<"), keyword), cosmetic, ""},
		{"a text that looks like a number", ruleWith("Active", of("<question>T</question>", "10"), hard), ruleWith("Active", of("<question>T</question>", "10.0"), hard), tighter, ""},
		{"a choice that looks like a number", ruleWith("Active", of("<question>R</question>", "1"), hard), ruleWith("Active", of("<question>R</question>", "01"), hard), tighter, ""},
		{"the logic of a rule that does not run", off(message), ruleWith("Disabled", "<true/>", hard+clears), cosmetic, "the rule does not run"},
		{"turned off", in(hard), off(hard), looser, ""},
		{"turned off, of a rule that sets a keyword", in(keyword), off(keyword), cosmetic, ""},
		{"turned on", off(message), in(message), tighter, ""},
		{"turned on, of a rule that clears", off(clears), in(clears), breaking, ""},
		{"turned on, of a rule that sets a keyword", off(keyword), in(keyword), cosmetic, ""},
		{"Active in another spelling", in(hard), ruleWith(" ACTIVE ", when, hard), cosmetic, ""},
		{"from one state in which it does not run to another", off(hard), ruleWith("In Error", when, hard), cosmetic, ""},
		{"added", nil, in(message), tighter, ""},
		{"added, of a rule that clears", nil, in(clears), breaking, ""},
		{"added, of a rule that hides and clears", nil, in(strings.ReplaceAll(clears, "disable_and", "hide_and")), breaking, ""},
		{"added, but it does not run", nil, off(hard + clears), cosmetic, ""},
		{"added, of a rule that sets a keyword", nil, in(keyword), cosmetic, ""},
		{"removed", in(hard), nil, looser, ""},
		{"removed, though it did not run", off(hard), nil, cosmetic, ""},
	} {
		design := func(r *dictionary.Rule) *dictionary.Dictionary {
			d := read(t, ruleExport("<true/>").dir(t), "S")
			d.Rules = nil
			if r != nil {
				d.Rules = []*dictionary.Rule{r}
			}
			return d
		}
		changes := diff(t, design(c.before), design(c.after))
		require.Len(t, changes, 1, c.what)
		require.Equal(t, c.want, changes[0].Effect, c.what)
		require.Equal(t, c.note, changes[0].Note, c.what)
	}
}

// Types of one kind hold the same answers, in as far as neither takes more than the other.
func TestEffectsOfTypesAndWords(t *testing.T) {
	const breaking, tighter, looser, cosmetic = dictionary.Breaking, dictionary.Tightening, dictionary.Extending, dictionary.Cosmetic
	for _, c := range []struct {
		column, before, after string
		want                  dictionary.Effect
	}{
		{"Variable Type", "Text", "Memo", looser}, {"Variable Type", "Memo", "Text", tighter},
		{"Variable Type", "Radio", "Dropdown", cosmetic}, {"Variable Type", "Dropdown", "Radio", cosmetic},
		{"Variable Type", "Date/Time", "Date/Time Precision", looser}, {"Variable Type", "Date/Time Precision", "Date/Time", tighter},
		{"Variable Type", "Number", "Numeric", cosmetic}, {"Variable Type", "Number", "Integer", tighter}, {"Variable Type", "Integer", "Number", looser},
		{"Variable Type", "Radio", "RADIO", cosmetic}, {"Variable Type", "Unseen", "unseen", cosmetic}, {"Variable Type", "Unseen", "Other", breaking},
		{"Variable Type", "Radio", "Checkbox", breaking}, {"Variable Type", "Number", "Text", breaking}, {"Variable Type", "Text", "Number", breaking},
		{"Required Field", "Soft", "soft", cosmetic}, {"Required Field", "Auto Query", "AUTOQUERY", cosmetic}, {"Required Field", "Mostly", "mostly", cosmetic},
		{"Required Field", "Optional", "Hard", tighter}, {"Required Field", "Hard", "Soft", looser}, {"Required Field", "Hard", "Mostly", tighter},
		{"Allow Future Dates", "Yes", "YES", cosmetic}, {"Allow Future Dates", "Yes", "No", tighter}, {"Allow Future Dates", "No", "", looser},
		{"Whole Numbers Only", "", "No", cosmetic}, {"Whole Numbers Only", "No", "Yes", tighter}, {"Special: Hidden", "No", "Yes", tighter}, {"Special: Hidden", "Yes", "No", looser},
		{"Maximum Value", "10", "10.0", cosmetic}, {"Length", "10", "010", cosmetic}, {"Suffix", "kg", "lb", cosmetic},
	} {
		with := func(text string) *dictionary.Dictionary {
			cells := map[string]string{"Variable Type": "Text", "Required Field": "Optional", "Extra": ""}
			header := "Form,Variable Name,Variable Type,Required Field"
			row := "AE,N,"
			column := c.column
			if cells[column] != "" {
				cells[column] = text
			} else {
				header += "," + column
			}
			row += cells["Variable Type"] + "," + cells["Required Field"]
			if strings.HasSuffix(header, ","+column) && column != "Required Field" {
				row += "," + text
			}
			return read(t, small().with(dictionary.QuestionsFile, header+"\n"+row+"\n").dir(t), "S")
		}
		changes := diff(t, with(c.before), with(c.after))
		require.Len(t, changes, 1, "%v", c)
		require.Equal(t, c.want, changes[0].Effect, "%s: %s → %s", c.column, c.before, c.after)
	}
	form := func(word string) *dictionary.Dictionary {
		return read(t, small().with(dictionary.FormsFile, "Form Key,Form Type\nAE,"+word+"\n").dir(t), "S")
	}
	for words, want := range map[[2]string]dictionary.Effect{{"Patient", "Subject"}: cosmetic, {"SUBJECT", "Patient"}: cosmetic, {"Site", "SITE"}: cosmetic, {"Patient", "Site"}: breaking} {
		changes := diff(t, form(words[0]), form(words[1]))
		require.Equal(t, want, changes[0].Effect, "%v", words)
	}
}
