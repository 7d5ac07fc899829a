package cdisc

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// auditedForms is a form of one subject, or of none, whose rows are states of records.
func auditedForms(subject bool, states ...Row) []ODMForm {
	variables := []Variable{{Name: "recordId", Type: WholeNumber}, {Name: "kind", Type: Character}, {Name: "time", Type: Datetime, UTC: true}, {Name: "event", Type: WholeNumber},
		{Name: "A", Type: Character}, {Name: "B", Type: Double}, {Name: "status", Type: Character}, {Name: "subjectKey", Type: Character}}
	place := ODMPlace{Record: "recordId", Transaction: "kind", Time: "time", Event: "event", Subject: "subjectKey"}
	src := memory{dataset: Dataset{Name: "F", Variables: variables}}
	for i, state := range states {
		at := Integer(time.Date(2026, 2, 1, i, 0, 0, 0, time.UTC).UnixMicro())
		row := Row{state[0], state[1], at, state[2], state[3], state[4], state[5], {}}
		if subject {
			row[7] = Text("S1")
		}
		src.rows = append(src.rows, row)
	}
	return []ODMForm{{Source: src, Place: place, Record: []string{"status"}}}
}

// leanOutline is an outline without what says who and when.
func leanOutline(t *testing.T, document string) (lines []string) {
	for _, line := range outline(t, document) {
		switch strings.TrimLeft(line, " ") {
		case "AuditRecord", "UserRef U.unknown", "LocationRef", "DateTimeStamp", "SiteRef":
		default:
			lines = append(lines, line)
		}
	}
	return lines
}

// TestReferenceDataHaveTransactionsToo follows records without a subject through their states.
func TestReferenceDataHaveTransactionsToo(t *testing.T) {
	update, remove := Text("Update"), Text("Remove")
	forms := auditedForms(false,
		Row{Integer(1), update, {}, Text("x"), Float(1), Text("open")},
		Row{Integer(2), update, {}, Text("other"), {}, Text("open")},
		Row{Integer(1), update, Integer(4), Text("y"), {}, Text("open")},
		Row{Integer(1), remove, Integer(4), Text("y"), {}, Text("open")},
		Row{Integer(1), update, {}, Text("z"), {}, Text("open")},
		Row{Integer(3), remove, {}, Text("never seen alive"), {}, Text("open")},
	)
	document, report, err := writeODM(t, forms, ODMOptions{Transactional: true})
	require.NoError(t, err)
	require.Equal(t, []string{
		"ReferenceData",
		" ItemGroupData 1 Insert", "  ItemData IT.F.A x", "  ItemData IT.F.B 1", "  ItemData IT.imnRecord.status open",
		" ItemGroupData 1 Update", "  ItemData IT.F.A Update y", "  ItemData IT.F.B Update Yes",
		" ItemGroupData 1 Remove",
		" ItemGroupData 1 Insert", "  ItemData IT.F.A z", "  ItemData IT.imnRecord.status open",
		" ItemGroupData 2 Insert", "  ItemData IT.F.A other", "  ItemData IT.imnRecord.status open",
		" ItemGroupData 3 Remove",
		"ClinicalData",
	}, leanOutline(t, document))
	require.Equal(t, int64(6), report.Reference)
	two, _, err := writeODM(t, forms, ODMOptions{Transactional: true, Version: "2.0"})
	require.NoError(t, err)
	require.Contains(t, two, `ItemGroupRepeatKey="record 1" TransactionType="Insert"`)
	require.Contains(t, two, `<ItemData ItemOID="IT.F.B" TransactionType="Update" IsNull="Yes"/>`)
}

// TestARecordIsRemovedWhereItWas deletes a record whose last states name other visits.
func TestARecordIsRemovedWhereItWas(t *testing.T) {
	update, remove := Text("Update"), Text("Remove")
	forms := auditedForms(true,
		Row{Integer(1), update, Integer(1), Text("x"), {}, {}},
		Row{Integer(1), remove, Integer(2), Text("x"), {}, {}},
		Row{Integer(1), remove, Integer(3), Text("x"), {}, {}},
		Row{Integer(1), update, Integer(2), Text("back"), {}, {}},
	)
	document, report, err := writeODM(t, forms, ODMOptions{Transactional: true})
	require.NoError(t, err)
	require.Equal(t, []string{
		"ClinicalData", " SubjectData S1 Context",
		"  StudyEventData SE.1 none Context",
		"   FormData 1 Insert", "    ItemGroupData Insert", "     ItemData IT.F.A x",
		"   FormData 1 Remove", "   FormData 1 Remove",
		"  StudyEventData SE.2 none Context",
		"   FormData 1 Insert", "    ItemGroupData Insert", "     ItemData IT.F.A back",
	}, leanOutline(t, document))
	require.Equal(t, int64(4), report.Records)
}

// TestAGroupIsInsertedWithItsFirstAnswer answers a form that was saved empty.
func TestAGroupIsInsertedWithItsFirstAnswer(t *testing.T) {
	update := Text("Update")
	forms := auditedForms(true,
		Row{Integer(1), update, {}, {}, {}, Text("open")},
		Row{Integer(1), update, {}, Text("x"), {}, Text("open")},
		Row{Integer(1), update, {}, Text("y"), {}, Text("closed")},
	)
	document, _, err := writeODM(t, forms, ODMOptions{Transactional: true})
	require.NoError(t, err)
	require.Equal(t, []string{
		"ClinicalData", " SubjectData S1 Context", "  StudyEventData SE.COMMON Context",
		"   FormData 1 Insert", "    ItemGroupData Insert", "     ItemData IT.imnRecord.status open",
		"   FormData 1 Update", "    ItemGroupData Insert", "     ItemData IT.F.A Insert x",
		"   FormData 1 Update", "    ItemGroupData Update", "     ItemData IT.F.A Update y", "    ItemGroupData Update", "     ItemData IT.imnRecord.status Update closed",
	}, leanOutline(t, document))
}
