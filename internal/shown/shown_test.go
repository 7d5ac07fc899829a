package shown

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// needles are what data of a subject looks like.
var needles = []string{
	"SMITH", "Smith", "J.S.", "JS", "Müller", "O'Brien", "Łukasz", "anna", "01-001", "SMITH_JOHN", "19500304", "1950", "4711",
	"born on the fourth of March", "John Smith\nborn 1950", "\x1b[31mSMITH", strings.Repeat("Smith", 200), "SMITHJOH-1950-0304-1950-030419500304", "李小龍",
}

func TestWhatAServerChoseIsNotShown(t *testing.T) {
	for _, needle := range needles {
		require.Equal(t, Hidden, Code(needle))
		require.Equal(t, "unknown", State(needle))
		require.Equal(t, Hidden, BatchID(needle))
		require.Equal(t, "a job", Job(needle))
		require.Equal(t, Hidden, Parameter(needle, nil))
		for _, path := range []string{"/" + needle, "/" + needle + root, root + "/OWN/" + needle, root + "/OWN/jobs/" + needle, root + "/OWN/jobs/" + needle + "/results", root + needle, root + "/OWN/records/" + needle + "?a"} {
			require.NotContains(t, Path(path), needle, path)
			require.NotContains(t, ForeignPath(path), "OWN")
		}
		require.NotContains(t, ForeignPath(root+"/"+needle+"/jobs"), needle)
		for _, text := range []string{
			needle, needle + " is unknown", "variable " + needle + " is not on the form", "the record has another " + needle,
			"Unknown error " + needle, needle + "\nUnknown error", "Unknown error\n" + needle, "subjectKey " + needle + " is unknown",
			"subjectKey is unknown: " + needle, "variable AETERM: Value must be numeric: " + needle, "Request contains an invalid value for " + needle,
		} {
			said, _ := Message(text, func(name string) bool { return name == "AETERM" })
			require.NotContains(t, said, needle, text)
		}
	}
}

func TestWhatIsKnownIsShown(t *testing.T) {
	for _, code := range []string{"1000", "9000", "9001", "BAD_REQUEST", "TOO_MANY_REQUESTS", "UNAUTHORIZED"} {
		require.Equal(t, code, Code(code))
	}
	for _, state := range []string{"created", "Running", "COMPLETED", "cancelled"} {
		require.Equal(t, state, State(" "+state))
	}
	require.NotContains(t, State("ſucceſſ"), "ſ")
	for _, id := range []string{"6c0bcf37-eeb8-4aa3-bdcd-300d6df2b92e", "5a1f6f2e-0000-4000-8000-000000000006", "6C0BCF37-EEB8-4AA3-BDCD-300D6DF2B92E"} {
		require.Equal(t, "job "+id, Job(id))
		require.Equal(t, root+"/OWN/jobs/"+id, Path(root+"/OWN/jobs/"+id))
		require.Equal(t, root+"/{study}/jobs/"+id+"/results", ForeignPath("/proxy"+root+"/OWN/jobs/"+id+"/results"))
	}
	require.Equal(t, root+"/OWN/jobs/{batch}", Path(root+"/OWN/jobs/12"))
	require.Equal(t, root+"/{study}/records", Path(root+"/A%20B/records"))
	require.Equal(t, root, Path("/proxy"+root))
	require.Equal(t, "", Path(""))
	require.Equal(t, "formKey", Parameter("formKey", nil))
	require.Equal(t, "siteEnrollmentStatus", Parameter("siteEnrollmentStatus", func(name string) bool { return name == "siteEnrollmentStatus" }))

	known := func(name string) bool { return name == "AETERM" }
	for text, want := range map[string]string{
		"Request contains an invalid value":       "Request contains an invalid value",
		" resource not found. ":                   "Resource not found",
		"Too Many Requests":                       "Too Many Requests",
		"subjectKey is unknown":                   "subjectKey is unknown",
		"Smith is unknown":                        Hidden + " is unknown",
		"the record has another intervalId":       "the record has another intervalId",
		"variable AETERM is not on the form":      "variable AETERM is not on the form",
		"variable SMITH is not on the form":       "variable " + Hidden + " is not on the form",
		"variable AETERM: Value must be a number": "",
		"variable AETERM: Value must be text":     "variable AETERM: Value must be text",
	} {
		said, ok := Message(text, known)
		require.Equal(t, want, said)
		require.Equal(t, want != "", ok)
	}
	said, _ := Message("variable AETERM is not on the form", nil)
	require.NotContains(t, said, "AETERM")
}

func TestFormatShowsTheTextWhateverTheVerb(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%10s", "%d", "%x"} {
		require.Equal(t, fmt.Sprintf(verb, "text"), fmt.Sprintf(verb, formatted{"SMITH"}))
	}
}

type formatted struct{ name string }

func (formatted) Format(to fmt.State, verb rune) { Format(to, verb, "text") }

func TestNear(t *testing.T) {
	require.Equal(t, 3, editDistance("kitten", "sitting"))
	require.Equal(t, 0, editDistance("", ""))
	require.Equal(t, 4, editDistance("", "form"))
	require.Equal(t, []string{"AE"}, Near("ae", []string{"AE", "DM", "EQ5D"}))
	require.Equal(t, []string{"AETERM", "AETERM2"}, Near("AETERMX", []string{"AETERM2", "AETERM", "DM"}))
	require.Equal(t, []string{"AESEV"}, Near("AESVE", []string{"AETERM", "AESEV", "DM"}), "two letters in the wrong order are one mistake")
	require.Equal(t, []string{"AE", "EX"}, Near("EA", []string{"EX", "AE", "DM"}))
	require.Empty(t, Near("ZZZZZZ", []string{"AE", "DM"}))
	require.Equal(t, []string{"AESER", "AESEV"}, Near("AESEW", []string{"AESER", "AESEV", "AESER", "AETERM", "AESER", "AESEV"}), "each once")
	require.Equal(t, "; did you mean AETERM?", DidYouMean("AETERN", []string{"AETERM", "SEX"}))
	require.Empty(t, DidYouMean("SMITH", []string{"AETERM", "SEX"}))
}
