package versioning

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/standardnames"
)

// CanonicalDocument returns the canonical form and the commit id that the Python package gives to a
// document, without normalising its values: "ae" remains "ae", "ae_term" is unchanged, and a
// version of "" remains empty. Members may be named in camelCase or snake_case, numbers given for
// text become text, and an absent or null member has its default. Members that the Python package
// drops are kept in [Document.Unknown]. The document must be valid
// ([imednet.ParseStudyConfiguration]) and UTF-8; a leading byte order mark is skipped. The error is
// an *[imednet.ValidationError].
func CanonicalDocument(document []byte) (Document, error) {
	document = []byte(strings.TrimPrefix(string(document), "\ufeff"))
	if !utf8.Valid(document) {
		return Document{}, invalidDocument("is not valid UTF-8: save it as UTF-8")
	}
	if _, err := imednet.ParseStudyConfiguration(document, imednet.ConfigurationOptions{}); err != nil {
		return Document{}, err
	}
	node, err := parseNode(document)
	if err != nil {
		return Document{}, invalidDocument("is not JSON, or has a name twice in an object")
	}
	tree, ok := node.(map[string]any)
	if !ok {
		return Document{}, invalidDocument("is not an object")
	}
	return newDocument(normalConfiguration(tree)), nil
}

func invalidDocument(message string) error {
	return &imednet.ValidationError{What: "study configuration", Problems: []imednet.Problem{{Path: "document", Message: message}}}
}

// normalConfiguration gives every known member its wire name and its type, as the Python package's
// models do. ParseStudyConfiguration has accepted the document before.
func normalConfiguration(o map[string]any) map[string]any {
	rename(o, configurationMembers)
	setText(o, "version", "1.0.0")
	setText(o, "studyKey", "")
	setText(o, "reportingProfile", "general")
	o["reportingProfile"] = quoted(strings.ToLower(strings.TrimSpace(text(o["reportingProfile"]))))
	o["mappings"] = list(o["mappings"])
	for i, rule := range o["mappings"].([]any) {
		o["mappings"].([]any)[i] = normalRule(asObject(rule))
	}
	o["widgets"] = list(o["widgets"])
	for i, widget := range o["widgets"].([]any) {
		o["widgets"].([]any)[i] = normalWidget(asObject(widget))
	}
	o["phiFields"] = list(o["phiFields"])
	for i, name := range o["phiFields"].([]any) {
		o["phiFields"].([]any)[i] = asText(name)
	}
	lookups := map[string]any{}
	for field, terms := range asObject(o["terminologyLookups"]) {
		table := map[string]any{}
		for raw, term := range asObject(terms) {
			table[raw] = asText(term)
		}
		lookups[field] = table
	}
	o["terminologyLookups"] = lookups
	return o
}

func normalRule(o map[string]any) map[string]any {
	rename(o, ruleMembers)
	for _, name := range []string{"domain", "targetField", "sourceFormKey", "sourceVariableName"} {
		setText(o, name, "")
	}
	setOptional(o, "fallbackValue")
	setOptional(o, "businessLogic")
	setText(o, "isBaseline", "false")
	baseline, _ := imednet.ParseBool(text(o["isBaseline"]))
	o["isBaseline"] = scalar(strconv.FormatBool(baseline))
	return o
}

func normalWidget(o map[string]any) map[string]any {
	rename(o, widgetMembers)
	for _, name := range []string{"widgetId", "type", "title", "domain"} {
		setText(o, name, "")
	}
	setOptional(o, "xAxis")
	setOptional(o, "yAxis")
	columns := "12"
	if n, ok := imednet.ParseNumber(text(o["layoutCols"])); ok {
		columns = n.Canonical() // a whole number: ParseStudyConfiguration has checked it
	}
	o["layoutCols"] = scalar(columns)
	return o
}

// rename gives known members their wire names.
func rename(o map[string]any, members []string) {
	for _, name := range members {
		snake := standardnames.Snake(name)
		if value, ok := o[snake]; ok && snake != name {
			delete(o, snake)
			o[name] = value
		}
	}
}

func list(node any) []any {
	elements, _ := node.([]any)
	if elements == nil {
		return []any{}
	}
	return elements
}

func quoted(s string) scalar { return scalar(appendQuoted(nil, s)) }

func setText(o map[string]any, name, absent string) {
	if value, ok := o[name]; !ok || value == scalar("null") {
		o[name] = quoted(absent)
		return
	}
	o[name] = asText(o[name])
}

// setOptional makes blank text null.
func setOptional(o map[string]any, name string) {
	value, ok := o[name]
	if !ok || imednet.IsBlank(text(value)) {
		value = scalar("null")
	}
	if value != scalar("null") {
		value = asText(value)
	}
	o[name] = value
}

// asText writes a scalar as the text that Python's str gives it.
func asText(node any) any {
	value, ok := node.(scalar)
	if !ok {
		return node
	}
	switch jsontext.Value(value).Kind() {
	case '"':
		return value
	case 't':
		return quoted("True")
	case 'f':
		return quoted("False")
	case '0':
		return quoted(pythonNumber(string(value)))
	}
	return quoted("")
}

// pythonNumber is the text of a JSON number that Python has read: integers keep their digits,
// everything else is the shortest text of the float64.
func pythonNumber(s string) string {
	if !strings.ContainsAny(s, ".eE") {
		if s == "-0" {
			return "0"
		}
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		if math.Signbit(f) {
			return "-inf"
		}
		return "inf"
	}
	exponent := math.Floor(math.Log10(math.Abs(f)))
	if f != 0 && (exponent < -4 || exponent >= 16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	plain := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(plain, ".") {
		plain += ".0"
	}
	return plain
}
