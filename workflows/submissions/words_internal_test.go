package submissions

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// TestAServersMessageIsShownOnlyWithoutData: only what the API is known to say is shown, and no word in
// it that the item does not account for.
func TestAServersMessageIsShownOnlyWithoutData(t *testing.T) {
	item := Item{FormKey: "AE", Payload: jsontext.Value(`{"formKey":"AE","subjectKey":"SMITH","data":{"AETERM":"Headache","N":5}}`)}
	for message, want := range map[string]string{
		"subjectKey is unknown":                        "subjectKey is unknown",
		"Subject SMITH is unknown":                     "(not shown) is unknown",
		"SMITH is unknown":                             "(not shown) is unknown",
		"variable AETERM is not on the form":           "variable AETERM is not on the form",
		"variable HEADACHE is not on the form":         "variable (not shown) is not on the form",
		"variable N: Value must be numeric":            "variable N: Value must be numeric",
		"the subject is deleted":                       "the subject is deleted",
		"Request contains an invalid value":            "Request contains an invalid value",
		"form AE is closed":                            "",
		"John Smith withdrew his consent":              "",
		"Müller wurde nicht gefunden":                  "",
		"J.S. is no participant":                       "",
		"born on the fourth of March":                  "",
		"HEADACHE is no term":                          "",
		"value 7 is too large":                         "",
		`"x" is wrong`:                                 "",
		"two\nlines":                                   "",
		"the subject is deleted\nSMITH":                "",
		"\x1b[31mthe subject is deleted":               "",
		strings.Repeat("the subject is deleted ", 100): "",
		"": "",
	} {
		item.ServerMessage = message
		require.Equal(t, want, item.ShowableMessage(), message)
	}
	item.Payload = nil
	item.ServerMessage = "variable AETERM is not on the form"
	require.Equal(t, "variable (not shown) is not on the form", item.ShowableMessage(), "nothing accounts for it")
}

func TestTheServersWordsAreKeptInBounds(t *testing.T) {
	r := result{Message: strings.Repeat("ü", 1<<20)}
	require.LessOrEqual(t, len(r.words()), maxMessage+len("…"))
	require.True(t, utf8.ValidString(r.words()))
	require.Equal(t, "short", (&result{Error: "short"}).words())
}
