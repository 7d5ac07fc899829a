package dictionary

import (
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// knownColumns are the columns of a real export.
var knownColumns = map[string]string{
	FormsFile: "Form ID, Form Key, Form Type, Form Name, Title, Description, Embedded Log, Fixed Interval, Unscheduled Visits, Other Forms, " +
		"Patient Record Report, User Agreement, Enforce Ownership, ePRO, Allow Copy",
	QuestionsFile: "Form, Variable Type, Variable Name, Label, Suffix, SAS Label, Default Value, Sequence, Blinded Roles, Required Field, Trigger Form, " +
		"SDV Required, Page, Comments, Width, Length, Catalog, Special: Password, Special: Email, Special: Patient ID, Special: Hidden, Special: Timezone, " +
		"Special: Country, Whole Numbers Only, Height, Date Control, Time Control, Seconds Control, Time Suffix, Key Date, Comparison Date, Precision Time, " +
		"Precision Seconds, Allow Future Dates, Allow Partial DD, Allow Partial MMM, Allow Partial YYYY, Partial DD Text, Partial MMM Text, Partial YYYY Text, " +
		"Impute DD, Impute MMM, Impute YYYY, Is Expiration, Radio Orientation, Report Text: Checked, Report Text: Unchecked, Maximum # Files, " +
		"Maximum File Size, Slider Orientation, Minimum Value, Maximum Value, Value Step, Minor Tick Step, Major Tick Step",
	ChoicesFile: "Form, Variable Type, Variable Name, Choice Text, Choice Value, Position",
	RulesFile: "Type, Name, Status, ID, Form, Intent, Sequence, Created By, Date Created, Modified By, Date Modified, Revision, Message, Questions, " +
		"Workflow Forms, External Forms, Logic, Trigger Question",
}

func knownHeader(file, folded string) bool {
	for _, names := range columnNames[file] {
		if slices.Contains(names, folded) {
			return true
		}
	}
	for header := range strings.SplitSeq(knownColumns[file], ", ") {
		if foldHeader(header) == folded {
			return true
		}
	}
	return false
}

// The words that have been seen, folded. The vocabularies are open: another word is a note.
var (
	formTypes     = words("patient", "subject", "site", "contact us", "catalog", "user", "econsent")
	questionTypes = words("checkbox", "radio", "number", "memo", "text", "date/time precision", "dropdown", "date/time", "file upload", "dicom upload", "numeric", "slider",
		"textarea", "string", "date", "datetime", "time", "integer", "float", "file", "signature", "label", "sep", "table", "precisiondate", "upload")
	ruleTypes    = words("form", "workflow", "query", "approval", "required")
	ruleStatuses = words("active", "disabled", "in error", "inactive")
)

func words(list ...string) map[string]bool {
	all := map[string]bool{}
	for _, word := range list {
		all[foldHeader(word)] = true
	}
	return all
}

// Kind is what the answers to the question are. A Date/Time without its date control takes times of day.
func (q *Question) Kind() imednet.VariableKind {
	kind := imednet.VariableKindOf(q.Type)
	if kind == imednet.DateVariable && saysNo(q.Option("Date Control")) && !saysNo(q.Option("Time Control")) {
		return imednet.TimeVariable
	}
	return kind
}

// sameKind leaves aside how much of a number a question takes, which the export says in a column of
// its own.
func sameKind(a, b imednet.VariableKind) bool {
	return a == b || a.IsNumber() && b.IsNumber()
}
