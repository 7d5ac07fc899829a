package cdisc

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// odmForms is a form of subjects with one answer of each kind and a form without a subject.
func odmForms(t *testing.T) []ODMForm {
	at := func(hour int) Value {
		return Integer(time.Date(2026, 2, 1, hour, 0, 0, 0, time.UTC).UnixMicro())
	}
	ae := memory{dataset: Dataset{Name: "AE", Label: "Adverse Events", Variables: []Variable{
		{Name: "recordId", Type: WholeNumber}, {Name: "subjectKey", Type: Character}, {Name: "siteId", Type: WholeNumber}, {Name: "intervalId", Type: WholeNumber},
		{Name: "visitId", Type: WholeNumber}, {Name: "deleted", Type: Boolean}, {Name: "kind", Type: Character}, {Name: "time", Type: Datetime, UTC: true}, {Name: "user", Type: Character},
		{Name: "AETERM", Label: "Term", Type: Character}, {Name: "AESTDTC", Type: ISODate}, {Name: "AEVAL", Type: Double}, {Name: "AESEV", Type: Character, Codelist: &Codelist{Name: "SEV", Items: []CodelistItem{{"1", "Mild"}}}},
	}}, rows: []Row{
		{Integer(11), Text("S2"), Integer(7), Integer(1), Integer(100), Bool(false), Text("Update"), at(1), Text("kim"), Text("a\tb\n<\"&>"), Text("2014-01"), Float(1e-7), Text("1")},
		{Integer(11), Text("S2"), Integer(7), Integer(1), Integer(100), Bool(false), Text("Update"), at(2), {}, Text("changed"), {}, Float(1e-7), Text("1")},
		{Integer(11), Text("S2"), Integer(7), Integer(2), Integer(200), Bool(false), Text("Update"), at(3), Text("lee"), Text("changed"), {}, Float(1e-7), Text("1")},
		{Integer(12), Text("S1"), Integer(7), {}, {}, Bool(true), Text("Remove"), at(4), Text("kim"), Text("gone"), {}, {}, {}},
	}}
	site := memory{dataset: Dataset{Name: "SITE", Variables: []Variable{{Name: "recordId", Type: WholeNumber}, {Name: "PI", Type: Character}, {Name: "time", Type: Datetime}}},
		rows: []Row{{Integer(20), Text("Dr X"), at(1)}}}
	place := ODMPlace{Subject: "subjectKey", Site: "siteId", Event: "intervalId", EventRepeat: "visitId", Record: "recordId", Deleted: "deleted", Transaction: "kind", Time: "time", User: "user"}
	return []ODMForm{{Source: ae, Place: place, Record: []string{"deleted"}}, {Source: site, Place: ODMPlace{Record: "recordId", Time: "time"}}}
}

func odmStudy() ODMStudy {
	return ODMStudy{OID: "S", MetaDataVersionOID: "MDV.1", Effective: "2026-01-01", Sites: []ODMSite{{"7", "Site 7"}}}
}

func writeODM(t *testing.T, forms []ODMForm, o ODMOptions) (string, *ODMReport, error) {
	var b strings.Builder
	o.Created, o.TempDir = made, t.TempDir()
	report, err := WriteODM(t.Context(), &b, forms, odmStudy(), o)
	require.Empty(t, listing(t, o.TempDir))
	if err == nil {
		requireReferences(t, b.String())
	}
	return b.String(), report, err
}

// requireReferences checks that whatever a file refers to is defined in it once, and that every group and
// item that is defined is referred to.
func requireReferences(t *testing.T, document string) {
	defined, used := map[string]int{}, map[string]bool{}
	for start := range elements(t, document) {
		for _, a := range start.Attr {
			switch name := a.Name.Local; {
			case name == "OID":
				defined[strings.TrimSuffix(start.Name.Local, "Def")+" "+a.Value]++
			case strings.HasSuffix(name, "OID") && name != "FileOID":
				used[strings.TrimSuffix(name, "OID")+" "+a.Value] = true
			}
		}
	}
	for reference := range used {
		require.Equal(t, 1, defined[reference], reference)
	}
	for definition, n := range defined {
		require.Equal(t, 1, n, definition)
		kind, _, _ := strings.Cut(definition, " ")
		require.True(t, used[definition] || kind == "Study" || kind == "StudyEvent" || kind == "User" || kind == "Location" || kind == "ItemGroup" && strings.HasPrefix(definition, "ItemGroup IGR."), definition)
	}
}

// outline lists the data of an ODM file: its elements with what tells them apart.
func outline(t *testing.T, document string) (lines []string) {
	d := xml.NewDecoder(strings.NewReader(document))
	depth, inside := 0, false
	for {
		token, err := d.Token()
		if err == io.EOF {
			return lines
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			inside = inside || token.Name.Local == "ReferenceData" || token.Name.Local == "ClinicalData"
			if !inside {
				continue
			}
			line := strings.Repeat(" ", depth-2) + token.Name.Local
			for _, a := range token.Attr {
				if !strings.HasSuffix(a.Name.Local, "OID") || strings.HasPrefix(a.Value, "IT.") || strings.HasPrefix(a.Value, "SE.") || strings.HasPrefix(a.Value, "U.") {
					line += " " + a.Value
				}
			}
			lines = append(lines, line)
		case xml.EndElement:
			depth--
		}
	}
}

func TestODMSnapshotHasTheNewestStates(t *testing.T) {
	forms := odmForms(t)
	ae := forms[0].Source.(memory)
	ae.rows = ae.rows[2:] // of a snapshot each record has one row
	ae.rows[0][9] = Text("a\tb\n<\"&>")
	forms[0].Source = ae
	document, report, err := writeODM(t, forms, ODMOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{
		"ReferenceData", " ItemGroupData 20", "  ItemData IT.SITE.PI Dr X",
		"ClinicalData", " SubjectData S2", "  SiteRef", "  StudyEventData SE.2 200", "   FormData 11",
		"    ItemGroupData", "     ItemData IT.AE.AETERM a\tb\n<\"&>", "     ItemData IT.AE.AEVAL 0.0000001", "     ItemData IT.AE.AESEV 1",
		"    ItemGroupData", "     ItemData IT.imnRecord.deleted false",
	}, outline(t, document))
	require.Equal(t, "1 subjects, 1 records, 1 rows of reference data, 5 items; 1 deleted records left out, 0 states by an unknown user", report.String())
	again, _, err := writeODM(t, forms, ODMOptions{})
	require.NoError(t, err)
	require.Equal(t, document, again)
}

// TestSubjectsWhoseKeysDifferInBlanksStayApart gives each key one element, whatever the records' order.
func TestSubjectsWhoseKeysDifferInBlanksStayApart(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "recordId", Type: WholeNumber}, {Name: "subjectKey", Type: Character}, {Name: "AETERM", Type: Character}}}}
	for i, key := range []string{"1", "1 ", "1", "1 ", "1  ", "1"} {
		src.rows = append(src.rows, Row{Integer(int64(i + 1)), Text(key), Text("x")})
	}
	document, report, err := writeODM(t, []ODMForm{{Source: src, Place: ODMPlace{Subject: "subjectKey", Record: "recordId"}}}, ODMOptions{})
	require.NoError(t, err)
	require.Equal(t, int64(3), report.Subjects)
	require.Equal(t, int64(6), report.Records)
	for _, key := range []string{"1", "1 ", "1  "} {
		require.Equal(t, 1, strings.Count(document, `SubjectKey="`+key+`"`))
	}
}

func TestODMTransactionsAreWhatChanged(t *testing.T) {
	document, report, err := writeODM(t, odmForms(t), ODMOptions{Transactional: true})
	require.NoError(t, err)
	require.Equal(t, []string{
		"ReferenceData", " ItemGroupData 20 Insert", "  AuditRecord", "   UserRef U.unknown", "   LocationRef", "   DateTimeStamp", "  ItemData IT.SITE.PI Dr X",
		"ClinicalData",
		" SubjectData S1 Context", "  SiteRef", "  StudyEventData SE.COMMON Context", "   FormData 12 Remove", "    AuditRecord", "     UserRef U.kim", "     LocationRef", "     DateTimeStamp",
		" SubjectData S2 Context", "  SiteRef", "  StudyEventData SE.1 100 Context",
		"   FormData 11 Insert", "    AuditRecord", "     UserRef U.kim", "     LocationRef", "     DateTimeStamp",
		"    ItemGroupData Insert", "     ItemData IT.AE.AETERM a\tb\n<\"&>", "     ItemData IT.AE.AESTDTC 2014-01", "     ItemData IT.AE.AEVAL 0.0000001", "     ItemData IT.AE.AESEV 1",
		"    ItemGroupData Insert", "     ItemData IT.imnRecord.deleted false",
		"   FormData 11 Update", "    AuditRecord", "     UserRef U.unknown", "     LocationRef", "     DateTimeStamp",
		"    ItemGroupData Update", "     ItemData IT.AE.AETERM Update changed", "     ItemData IT.AE.AESTDTC Update Yes",
		"   FormData 11 Remove", "    AuditRecord", "     UserRef U.lee", "     LocationRef", "     DateTimeStamp", // moved to another visit
		"  StudyEventData SE.2 200 Context",
		"   FormData 11 Insert", "    AuditRecord", "     UserRef U.lee", "     LocationRef", "     DateTimeStamp",
		"    ItemGroupData Insert", "     ItemData IT.AE.AETERM changed", "     ItemData IT.AE.AEVAL 0.0000001", "     ItemData IT.AE.AESEV 1",
		"    ItemGroupData Insert", "     ItemData IT.imnRecord.deleted false",
	}, outline(t, document))
	require.Equal(t, int64(2), report.Unknown)
	require.Contains(t, document, `<DateTimeStamp>2026-02-01T01:00:00Z</DateTimeStamp>`)
}

func TestWhatODMCannotHold(t *testing.T) {
	forms := odmForms(t)
	ae := forms[0].Source.(memory)
	ae.rows = append(ae.rows, Row{Integer(13), Text("S3"), {}, {}, {}, {}, {}, Integer(made.UnixMicro() + 1), {}, Text("\x01"), {}, {}, Text("2")})
	forms[0].Source = ae
	_, _, err := writeODM(t, forms, ODMOptions{Transactional: true})
	require.ErrorContains(t, err, "AE: calendar (1): states without a time, or after the time of creation")
	require.ErrorContains(t, err, "AE.AETERM: xml-character (1)")
	require.ErrorContains(t, err, "AE.AESEV: code-list (1)")

	ae.rows[4][12], ae.rows[4][7] = Value{}, Integer(0)
	document, report, err := writeODM(t, forms, ODMOptions{Transactional: true, EscapeControls: true})
	require.NoError(t, err)
	require.Contains(t, document, `Value="\u0001"`)
	require.Equal(t, []Loss{{"AE", "AETERM", LossEscaped, "odm", 1}}, report.Losses)
}

func TestODM2HasTheSameData(t *testing.T) {
	document, report, err := writeODM(t, odmForms(t), ODMOptions{Version: "2.0", Transactional: true})
	require.NoError(t, err)
	require.Contains(t, document, `<Value>changed</Value>`)
	require.Contains(t, document, `xmlns="http://www.cdisc.org/ns/odm/v2.0"`)
	_, first, err := writeODM(t, odmForms(t), ODMOptions{Transactional: true})
	require.NoError(t, err)
	require.Equal(t, first, report)
}

func TestDeletedReferenceDataAreLeftOut(t *testing.T) {
	site := memory{dataset: Dataset{Name: "SITE", Variables: []Variable{{Name: "recordId", Type: WholeNumber}, {Name: "deleted", Type: Boolean}, {Name: "PI", Type: Character}}},
		rows: []Row{{Integer(20), Bool(true), Text("Dr X")}, {Integer(21), Bool(false), Text("Dr Y")}}}
	document, report, err := writeODM(t, []ODMForm{{Source: site, Place: ODMPlace{Record: "recordId", Deleted: "deleted"}}}, ODMOptions{})
	require.NoError(t, err)
	require.NotContains(t, document, "Dr X")
	require.Equal(t, ODMReport{Reference: 1, Deleted: 1, Items: 1, Losses: []Loss{}}, *report)
}

// TestTextsAroundTheAnswersOfODM puts what XML cannot hold where no answer is.
func TestTextsAroundTheAnswersOfODM(t *testing.T) {
	for name, change := range map[string]func(*ODMStudy, *ODMOptions){
		"study":    func(s *ODMStudy, _ *ODMOptions) { s.Name = "\x01" },
		"text":     func(s *ODMStudy, _ *ODMOptions) { s.Description = "\x01" },
		"protocol": func(s *ODMStudy, _ *ODMOptions) { s.ProtocolName = "\xff" },
		"event":    func(s *ODMStudy, _ *ODMOptions) { s.Events = []ODMEvent{{"1", "Day \x02"}} },
		"site":     func(s *ODMStudy, _ *ODMOptions) { s.Sites = []ODMSite{{"7", "\ufffe"}} },
		"system":   func(_ *ODMStudy, o *ODMOptions) { o.SourceSystem = "\x01" },
	} {
		study, o := ODMStudy{OID: "S", MetaDataVersionOID: "MDV.1", Effective: "2026-01-01"}, ODMOptions{Created: made, TempDir: t.TempDir(), EscapeControls: true}
		change(&study, &o)
		var b strings.Builder
		_, err := WriteODM(t.Context(), &b, odmForms(t), study, o)
		require.Equal(t, map[Rule]int64{RuleXMLCharacter: 1}, problemsOf(t, err), name)
		require.Empty(t, b.String())
	}
}

// TestIdentifiersOfODMAreNeverEscaped: who a subject or a user is, is no text to be rewritten. A reason is.
func TestIdentifiersOfODMAreNeverEscaped(t *testing.T) {
	for at, want := range map[int]string{1: "AE.subjectKey: xml-character (1)", 8: "AE.user: xml-character (1)"} {
		forms := odmForms(t)
		forms[0].Source.(memory).rows[0][at] = Text("a\x01")
		_, _, err := writeODM(t, forms, ODMOptions{Transactional: true, EscapeControls: true})
		require.ErrorContains(t, err, want)
	}
	forms := odmForms(t)
	forms[0].Place.Reason, forms[0].Place.SourceID = "AETERM", "AESTDTC"
	forms[0].Source.(memory).rows[0][9], forms[0].Source.(memory).rows[0][10] = Text("why\x01"), Text("id\x02")
	document, _, err := writeODM(t, forms, ODMOptions{Transactional: true, EscapeControls: true})
	require.NoError(t, err)
	require.Contains(t, document, `<ReasonForChange>why\u0001</ReasonForChange>`)
	require.Contains(t, document, `<SourceID>id\u0002</SourceID>`)
}

func TestCodeListsOfODMThatContradict(t *testing.T) {
	forms := odmForms(t)
	site := forms[1].Source.(memory)
	site.dataset.Variables[1].Codelist = &Codelist{Name: "SEV", Items: []CodelistItem{{"Dr X", "another list"}}}
	_, _, err := writeODM(t, forms, ODMOptions{})
	require.Equal(t, map[Rule]int64{RuleCodelist: 1}, problemsOf(t, err))
	for _, list := range []*Codelist{
		{Name: "PI", Items: []CodelistItem{{"Dr X", ""}, {"Dr X", ""}}},
		{Name: "PI", Items: []CodelistItem{{"Dr X", ""}}, DictionaryVersion: "26.1"},
	} {
		site.dataset.Variables[1].Codelist = list
		_, _, err = writeODM(t, forms, ODMOptions{})
		require.Equal(t, map[Rule]int64{RuleCodelist: 1}, problemsOf(t, err))
	}
}

// TestODMRefusesNamesThatXMLCannotHold, wherever they stand.
func TestODMRefusesNamesThatXMLCannotHold(t *testing.T) {
	for _, bad := range []string{"\x01", "\xff", "\uffff"} {
		for name, twist := range map[string]func(dataset *Dataset){
			"key":   func(d *Dataset) { d.Name += bad },
			"name":  func(d *Dataset) { d.Label = bad },
			"item":  func(d *Dataset) { d.Variables[1].Name += bad },
			"label": func(d *Dataset) { d.Variables[1].Label = bad },
			"alias": func(d *Dataset) { d.Variables[1].Alias = bad },
			"OID":   func(d *Dataset) { d.Variables[1].OID = bad },
			"code": func(d *Dataset) {
				d.Variables[1].Codelist = &Codelist{Name: "C", Items: []CodelistItem{{"Dr X", ""}, {bad, ""}}}
			},
			"meaning": func(d *Dataset) { d.Variables[1].Codelist = &Codelist{Name: "C", Items: []CodelistItem{{"Dr X", bad}}} },
			"list":    func(d *Dataset) { d.Variables[1].Codelist = &Codelist{Name: bad, Items: []CodelistItem{{"Dr X", ""}}} },
		} {
			forms := odmForms(t)
			site := forms[1].Source.(memory)
			twist(&site.dataset)
			forms[1].Source = site
			document, _, err := writeODM(t, forms, ODMOptions{EscapeControls: true})
			require.Positive(t, problemsOf(t, err)[RuleXMLCharacter], name)
			require.Empty(t, document, name)
		}
	}
}

// TestODMRefusesOIDsOfTwoElements, whichever names make them equal.
func TestODMRefusesOIDsOfTwoElements(t *testing.T) {
	for name, twist := range map[string]func(forms []ODMForm, study *ODMStudy){
		"forms":                              func(forms []ODMForm, _ *ODMStudy) { rename(forms, 1, "AE") },
		"a form and the group about records": func(forms []ODMForm, _ *ODMStudy) { rename(forms, 1, "imnRecord") },
		"items of a form":                    func(forms []ODMForm, _ *ODMStudy) { forms[0].Dataset().Variables[10].Name = "AETERM" },
		"items of two forms": func(forms []ODMForm, _ *ODMStudy) {
			rename(forms, 1, "AE.X")
			forms[0].Dataset().Variables[10].Name = "X.PI"
		},
		"an OID of the caller's":            func(forms []ODMForm, _ *ODMStudy) { forms[0].Dataset().Variables[10].OID = "IT.AE.AETERM" },
		"events":                            func(_ []ODMForm, study *ODMStudy) { study.Events = []ODMEvent{{"1", "One"}, {"1", "Two"}} },
		"an event and what belongs to none": func(_ []ODMForm, study *ODMStudy) { study.Events = []ODMEvent{{"COMMON", "One"}} },
		"sites":                             func(_ []ODMForm, study *ODMStudy) { study.Sites = []ODMSite{{"7", "One"}, {"7", "Two"}} },
	} {
		for _, version := range []string{"1.3.2", "2.0"} {
			forms, study := odmForms(t), odmStudy()
			twist(forms, &study)
			var b strings.Builder
			_, err := WriteODM(t.Context(), &b, forms, study, ODMOptions{Version: version, Created: made, TempDir: t.TempDir()})
			require.Positive(t, problemsOf(t, err)[RuleOID], name)
			require.Zero(t, b.Len(), name)
		}
	}
}

func rename(forms []ODMForm, i int, key string) {
	form := forms[i].Source.(memory)
	form.dataset.Name = key
	forms[i].Source = form
}

// TestASiteThatIsCalledUnknown shares the definition of the site that is not known.
func TestASiteThatIsCalledUnknown(t *testing.T) {
	forms, study := odmForms(t), odmStudy()
	study.Sites = append(study.Sites, ODMSite{"unknown", "Unbekannt"})
	var b strings.Builder
	_, err := WriteODM(t.Context(), &b, forms, study, ODMOptions{Transactional: true, Created: made, TempDir: t.TempDir()})
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(b.String(), `<Location OID="L.unknown" Name="Unbekannt"`))
	requireReferences(t, b.String())
}

// TestAUserWhoseNameIsUnknown shares the definition of who is not known: one OID has one element.
func TestAUserWhoseNameIsUnknown(t *testing.T) {
	forms := odmForms(t)
	forms[0].Source.(memory).rows[0][8] = Text("unknown")
	document, _, err := writeODM(t, forms, ODMOptions{Transactional: true})
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(document, `<User OID="U.unknown">`))
}
