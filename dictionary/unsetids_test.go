package dictionary_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// Ids that are not set come as null, as 0 or not at all (API contract, 4.8): records without an interval, a subject
// or a parent have none in common.
func TestRecordsWithoutIDsHaveNothingInCommon(t *testing.T) {
	acts := func(conditions string) string {
		return "<BusinessLogic><Conditions>" + conditions + "</Conditions><Actions><message><message>m</message><error_field>X</error_field></message></Actions></BusinessLogic>"
	}
	d := read(t, export{
		dictionary.FormsFile:     "Form Key,Form Name\nA,Form A\nB,Form B\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name\nA,Text,X\nB,Text,Y\n",
		dictionary.ChoicesFile:   "Form,Variable Name,Choice Text\n",
		dictionary.RulesFile: "Type,Name,Status,ID,Form,Sequence,Logic\n" +
			"Form,interval,Active,I,A,1," + acts("<exists><keyword_status_record_in_interval><keyword>flag</keyword></keyword_status_record_in_interval></exists>") + "\n" +
			"Form,external,Active,E,A,2," + acts("<equals><external><form>Form B</form><question>Y</question></external><value>b</value></equals>") + "\n" +
			"Form,parent,Active,P,A,3," + acts("<equals><external><form>Form B</form><question>Y</question><parent/></external><value>b</value></equals>") + "\n" +
			"Form,siblings,Active,S,A,4," + acts("<gt><number_of_sibling_records>Form B</number_of_sibling_records><value>0</value></gt>") + "\n" +
			"Form,patient,Active,K,A,5," + acts("<exists><keyword_status_patient><keyword>flag</keyword></keyword_status_patient></exists>") + "\n",
	}.dir(t), "S")
	joined, err := d.Join([]imednet.Form{{FormID: 1, FormKey: imednet.Some("A")}, {FormID: 2, FormKey: imednet.Some("B")}}, nil, dictionary.JoinOptions{})
	require.NoError(t, err)
	one := imednet.Some(int64(1))
	type ids struct{ subject, interval, parent imednet.Opt[int64] }
	none := func(unset imednet.Opt[int64]) []ids {
		return []ids{{one, unset, unset}, {unset, one, unset}, {unset, unset, one}, {unset, unset, unset}}
	}
	var verdicts [][]imednet.YesNo
	for _, unset := range []imednet.Opt[int64]{{}, imednet.Some(int64(0))} {
		for _, i := range none(unset) {
			r := stored(t, 1, `{"X":"a"}`)
			r.FormKey, r.SubjectID, r.IntervalID, r.ParentRecordID = imednet.Some("A"), i.subject, i.interval, i.parent
			other := stored(t, 2, `{"Y":"b"}`)
			other.FormID, other.FormKey, other.SubjectID, other.IntervalID, other.ParentRecordID = imednet.Some(int64(2)), imednet.Some("B"), i.subject, i.interval, i.parent
			other.Keywords = []imednet.Keyword{{KeywordKey: imednet.Some("flag")}}
			around, err := joined.Surroundings(t.Context(), dictionary.SurroundingData{Records: listed(r, other), Subjects: []imednet.Subject{{SubjectID: 0, Keywords: other.Keywords}}})
			require.NoError(t, err)
			checker, err := dictionary.NewChecker(d, dictionary.WithSurroundings(around))
			require.NoError(t, err)
			form, _ := d.Form("A")
			var acts []imednet.YesNo
			for _, o := range checker.Check(form, &r) {
				acts = append(acts, o.Acts)
			}
			verdicts = append(verdicts, acts)
		}
	}
	require.Equal(t, verdicts[:4], verdicts[4:], "0 is null")
	for i, acts := range verdicts[:4] {
		require.Equal(t, imednet.Unknown, acts[0], "%d: at the same interval only with a subject and an interval", i)
	}
	require.Equal(t, imednet.Yes, verdicts[0][1], "a record of the same subject")
	for _, acts := range verdicts[1:4] {
		require.Equal(t, imednet.Unknown, acts[1], "no subject")
		require.Equal(t, imednet.Unknown, acts[4], "no subject")
	}
}
