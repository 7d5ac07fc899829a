package dictionary_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// Whether the white space of a value is meant, or is a blank, is not known, unless a line break shows that it is
// layout.
func TestAValueOfWhiteSpaceDecidesNothingAboutBlanks(t *testing.T) {
	unknown, yes, no := imednet.Unknown, imednet.Yes, imednet.No
	for _, c := range []struct {
		value string
		acts  map[string]imednet.YesNo // by answer
	}{
		{" ", map[string]imednet.YesNo{`{"T":" "}`: unknown, `{"T":"  "}`: unknown, `{"T":""}`: unknown, `{}`: unknown, `{"T":"x"}`: no}},
		{"\n  ", map[string]imednet.YesNo{`{"T":" "}`: no, `{"T":""}`: yes, `{}`: yes, `{"T":"x"}`: no}},
		{"", map[string]imednet.YesNo{`{"T":" "}`: no, `{"T":""}`: yes, `{}`: yes, `{"T":"x"}`: no}},
	} {
		equals := "<equals><question>T</question><value>" + c.value + "</value></equals>"
		act := "<Actions><message><message>m</message></message></Actions></BusinessLogic>"
		d := read(t, small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name\nAE,Text,T\n").with(dictionary.RulesFile, "Type,Name,Status,ID,Form,Sequence,Logic\n"+
			"Form,is,Active,1,AE,1,\"<BusinessLogic><Conditions>"+equals+"</Conditions>"+act+"\"\nForm,is not,Active,2,AE,2,\"<BusinessLogic><Conditions><not>"+equals+"</not></Conditions>"+act+"\"\n").dir(t), "S")
		for data, want := range c.acts {
			outcomes := checkerOf(t, d).Check(d.Forms[0], record(t, data))
			opposite := map[imednet.YesNo]imednet.YesNo{yes: no, no: yes}[want]
			require.Equal(t, []imednet.YesNo{want, opposite}, []imednet.YesNo{outcomes[0].Acts, outcomes[1].Acts}, "%q, %s", c.value, data)
		}
	}
}
